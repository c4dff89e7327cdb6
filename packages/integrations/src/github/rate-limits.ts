/**
 * The breaker of one installation (or token). Owns: what GitHub said about its limits. Does not own: any timer, any retry.
 * 1. Once a limit is used up, nothing is sent until GitHub gives it back: calls reject with `rate_limited` and `details.resetAt`.
 * 2. A primary limit closes its own resource only (`core`, `graphql`); a secondary one closes everything.
 * 3. Those who are refused come back one shortly after the other: many at once would use up the secondary limit.
 * 4. Times are read relative to the `date` GitHub sent, so a wrong clock on either side does not lengthen a pause.
 */
import type { Clock } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { Stagger } from "./backoff-spread.js";

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>;

interface Closed {
  readonly resource: string;
  readonly until: number;
  readonly limit: "primary" | "secondary";
}

const EVERYTHING = "*";
/** GitHub: without a time in the answer, wait for at least a minute. */
const UNSTATED_MS = 60_000;
/** Longest pause that is believed: twice the window of the primary limit. */
const LONGEST_MS = 2 * 60 * 60_000;
/** Its times are whole seconds. */
const ROUNDING_MS = 1000;

export class Limits {
  readonly #clock: Clock;
  readonly #who: string;
  readonly #closed = new Map<string, Closed>();
  readonly #staggers = new Map<string, Stagger>();

  /** `who` names the installation in errors. */
  constructor(clock: Clock, who: string) {
    this.#clock = clock;
    this.#who = who;
  }

  /** @throws MillraceError `rate_limited` while the limit of that resource is used up. */
  check(resource: string): void {
    for (const name of [EVERYTHING, resource]) {
      const closed = this.#closed.get(name);
      if (closed === undefined) continue;
      if (this.#clock.now() < closed.until) throw this.#error(closed);
      this.#closed.delete(name);
    }
  }

  /** Notes what an answer says about the limits. */
  saw(headers: Headers): void {
    if (headers["x-ratelimit-remaining"] !== "0") return;
    const reset = this.#resetOf(headers);
    if (reset !== null) this.#close(headers["x-ratelimit-resource"] ?? "core", { until: reset, limit: "primary" });
  }

  /** The error when a refusal (403 or 429) is one of a limit; null when it is about something else. */
  refused(status: number, headers: Headers, documentation: string): MillraceError | null {
    if (status !== 403 && status !== 429) return null;
    const after = Number(headers["retry-after"]);
    const reset = headers["x-ratelimit-remaining"] === "0" ? this.#resetOf(headers) : null;
    if (reset !== null && !(after > 0))
      return this.#error(this.#close(headers["x-ratelimit-resource"] ?? "core", { until: reset, limit: "primary" }));
    if (!(after > 0) && status !== 429 && !documentation.includes("rate-limit")) return null;
    const waitMs = after > 0 ? after * 1000 + ROUNDING_MS : UNSTATED_MS;
    return this.#error(this.#close(EVERYTHING, { until: this.#bounded(this.#clock.now() + waitMs), limit: "secondary" }));
  }

  /** The error of an answer that says in words that its limit is used up. */
  usedUp(headers: Headers): MillraceError {
    const until = this.#resetOf(headers) ?? this.#bounded(this.#clock.now() + UNSTATED_MS);
    return this.#error(this.#close(headers["x-ratelimit-resource"] ?? "graphql", { until, limit: "primary" }));
  }

  #resetOf(headers: Headers): number | null {
    const reset = Number(headers["x-ratelimit-reset"]) * 1000;
    if (!Number.isFinite(reset)) return null;
    const sent = Date.parse(headers["date"] ?? "");
    const now = this.#clock.now();
    return this.#bounded(now + Math.max(0, reset - (Number.isNaN(sent) ? now : sent)) + ROUNDING_MS);
  }

  #bounded(until: number): number {
    return Math.min(Math.ceil(until), this.#clock.now() + LONGEST_MS);
  }

  /** The longer of two pauses holds. */
  #close(resource: string, closed: Omit<Closed, "resource">): Closed {
    const known = this.#closed.get(resource);
    const longer = known !== undefined && known.until > closed.until ? known : { ...closed, resource };
    this.#closed.set(resource, longer);
    return longer;
  }

  #error({ resource, until, limit }: Closed): MillraceError {
    const stagger = this.#staggers.get(resource) ?? new Stagger();
    this.#staggers.set(resource, stagger);
    return new MillraceError("rate_limited", `GitHub takes no more requests of ${this.#who} until ${new Date(until).toISOString()}`, {
      fix:
        limit === "primary" ? "Wait, or use a GitHub App: its limit grows with the organisation." : "Wait: GitHub asks for a slower pace.",
      details: { resetAt: stagger.next(until), limit },
    });
  }
}
