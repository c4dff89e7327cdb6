/**
 * Rate limits of one installation (or token), from the headers of GitHub's answers. Owns: which resource is paused, and
 * until when. Does not own: any timer, any retry.
 * 1. After a limit is used up, nothing is sent until GitHub's reset time: calls reject with `rate_limited` and
 *    `details.resetAt`.
 * 2. A primary limit pauses its own resource only (`core`, `graphql`); a secondary limit pauses every resource.
 * 3. Refused callers get `resetAt` values a short gap apart: all of them at once would use up the secondary limit.
 * 4. A reset time is taken relative to the `date` header of the same answer, so that a wrong clock on either side does
 *    not lengthen a pause.
 */
import type { Clock } from "@millrace/kernel";
import { hasPassed, MillraceError } from "@millrace/kernel";
import { BackoffSpread } from "./backoff-spread.js";

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>;

interface Pause {
  readonly resource: string;
  /** Epoch ms. */
  readonly until: number;
  readonly lengthMs: number;
  readonly limit: "primary" | "secondary";
}

const EVERY_RESOURCE = "*";
/** Pause when the answer names no time. GitHub's documentation asks for at least one minute. */
const DEFAULT_PAUSE_MS = 60_000;
/** Longest pause that is accepted: twice the window of the primary limit. */
const LONGEST_PAUSE_MS = 2 * 60 * 60_000;
/** GitHub rounds its times to whole seconds. */
const ROUNDING_MS = 1000;

export class RateLimits {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #pauses = new Map<string, Pause>();
  readonly #spreads = new Map<string, BackoffSpread>();

  /** `name` is what errors call the installation or token. */
  constructor(clock: Clock, name: string) {
    this.#clock = clock;
    this.#name = name;
  }

  /**
   * Call before each request.
   * @throws MillraceError `rate_limited` while `resource` is paused.
   */
  check(resource: string): void {
    for (const key of [EVERY_RESOURCE, resource]) {
      const pause = this.#pauses.get(key);
      if (pause === undefined) continue;
      if (!hasPassed(pause.until, this.#clock.now(), pause.lengthMs)) throw this.#error(pause);
      this.#pauses.delete(key);
    }
  }

  /** Pauses a resource whose limit this answer used up. Call with the headers of every answer. */
  record(headers: Headers): void {
    if (headers["x-ratelimit-remaining"] !== "0") return;
    const reset = this.#resetOf(headers);
    if (reset !== null) this.#pause(headers["x-ratelimit-resource"] ?? "core", { until: reset, limit: "primary" });
  }

  /**
   * The error for a 403 or 429 that is a rate limit; null for every other refusal. `documentation` is the link in the
   * answer.
   */
  recordRefusal(status: number, headers: Headers, documentation: string): MillraceError | null {
    if (status !== 403 && status !== 429) return null;
    const after = Number(headers["retry-after"]);
    const reset = headers["x-ratelimit-remaining"] === "0" ? this.#resetOf(headers) : null;
    if (reset !== null && !(after > 0))
      return this.#error(this.#pause(headers["x-ratelimit-resource"] ?? "core", { until: reset, limit: "primary" }));
    if (!(after > 0) && status !== 429 && !documentation.includes("rate-limit")) return null;
    const waitMs = after > 0 ? after * 1000 + ROUNDING_MS : DEFAULT_PAUSE_MS;
    return this.#error(this.#pause(EVERY_RESOURCE, { until: this.#bounded(this.#clock.now() + waitMs), limit: "secondary" }));
  }

  /** The error for an answer whose body says that the limit is used up, as GraphQL does with status 200. */
  recordExhausted(headers: Headers): MillraceError {
    const until = this.#resetOf(headers) ?? this.#bounded(this.#clock.now() + DEFAULT_PAUSE_MS);
    return this.#error(this.#pause(headers["x-ratelimit-resource"] ?? "graphql", { until, limit: "primary" }));
  }

  #resetOf(headers: Headers): number | null {
    const reset = Number(headers["x-ratelimit-reset"]) * 1000;
    if (!Number.isFinite(reset)) return null;
    const sent = Date.parse(headers["date"] ?? "");
    const now = this.#clock.now();
    return this.#bounded(now + Math.max(0, reset - (Number.isNaN(sent) ? now : sent)) + ROUNDING_MS);
  }

  #bounded(until: number): number {
    return Math.min(Math.ceil(until), this.#clock.now() + LONGEST_PAUSE_MS);
  }

  /** Never shortens a pause: of two, the longer one holds. */
  #pause(resource: string, pause: Omit<Pause, "resource" | "lengthMs">): Pause {
    const now = this.#clock.now();
    const known = this.#pauses.get(resource);
    const holds = known !== undefined && known.until > pause.until && !hasPassed(known.until, now, known.lengthMs);
    const longer = holds ? known : { ...pause, resource, lengthMs: pause.until - now };
    this.#pauses.set(resource, longer);
    return longer;
  }

  #error({ resource, until, limit }: Pause): MillraceError {
    const spread = this.#spreads.get(resource) ?? new BackoffSpread();
    this.#spreads.set(resource, spread);
    return new MillraceError("rate_limited", `GitHub takes no more requests of ${this.#name} until ${new Date(until).toISOString()}`, {
      fix:
        limit === "primary" ? "Wait, or use a GitHub App: its limit grows with the organisation." : "Wait: GitHub asks for a slower pace.",
      details: { resetAt: spread.next(until), limit },
    });
  }
}
