/** Rate limit of one credential. */
export interface LimitState {
  /** Requests per window. Default: 5,000. */
  limit: number;
  used: number;
  /** Epoch ms at which the window ends. */
  resetAt: number;
}

const WINDOW_MS = 60 * 60_000;
const DEFAULT_LIMIT = 5000;

/** A fixed-window rate limiter with a window of one hour. */
export class Limiter {
  readonly #now: () => number;
  readonly state: LimitState;

  readonly #resource: string;

  /** `resource` is GitHub's name of the limit: `core` or `graphql`. */
  constructor(now: () => number, resource: string) {
    this.#now = now;
    this.#resource = resource;
    this.state = { limit: DEFAULT_LIMIT, used: 0, resetAt: now() + WINDOW_MS };
  }

  /** Leaves `remaining` requests in a window that ends in `resetInMs`. */
  leave(remaining: number, resetInMs: number): void {
    Object.assign(this.state, { used: this.state.limit - remaining, resetAt: this.#now() + resetInMs });
  }

  get isUsedUp(): boolean {
    if (this.#now() >= this.state.resetAt) this.leave(this.state.limit, WINDOW_MS);
    return this.state.used >= this.state.limit;
  }

  count(): void {
    this.state.used += 1;
  }

  headers(): Readonly<Record<string, string>> {
    const { limit, used, resetAt } = this.state;
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - used)),
      "x-ratelimit-used": String(used),
      "x-ratelimit-reset": String(Math.ceil(resetAt / 1000)),
      "x-ratelimit-resource": this.#resource,
    };
  }
}
