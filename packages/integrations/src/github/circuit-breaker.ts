/**
 * Circuit breaker for outages: GitHub answers 5xx or cannot be reached. Owns: the count of failures in a row, and the
 * time of the next attempt. Does not own: any timer, any retry.
 *
 * | state | entered when | a call |
 * | --- | --- | --- |
 * | closed | at first, and after any answer | goes through |
 * | open | three calls in a row had no answer, or a probe had none | rejects with `forge_down` and `details.resetAt` |
 * | half-open | the pause is over and a call begins | goes through as the probe; calls beside it reject |
 *
 * 1. Any answer closes the breaker, whatever its status says about the request.
 * 2. The first pause is 30 s; each failed probe doubles it, up to five minutes.
 */
import type { Clock } from "@millrace/kernel";
import { hasPassed, MillraceError } from "@millrace/kernel";
import { BackoffSpread } from "./backoff-spread.js";

/** Failed calls in a row that open the breaker. A read counts once, after all its retries. */
const FAILURES = 3;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #spread = new BackoffSpread();
  #failures = 0;
  /** End of the pause in epoch ms; null while the breaker is closed. */
  #openUntil: number | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #isProbing = false;

  /** `name` is what errors call the installation or token. */
  constructor(clock: Clock, name: string) {
    this.#clock = clock;
    this.#name = name;
  }

  /**
   * Call before each request. True when this request is the probe of a half-open breaker.
   * @throws MillraceError `forge_down` while the breaker is open or another request is probing.
   */
  beforeRequest(): boolean {
    if (this.#openUntil === null) return false;
    if (this.#isProbing || !hasPassed(this.#openUntil, this.#clock.now(), this.#pauseMs)) throw this.#error();
    this.#isProbing = true;
    return true;
  }

  /** GitHub answered: closes the breaker. */
  recordAnswer(): void {
    this.#failures = 0;
    this.#openUntil = null;
    this.#isProbing = false;
  }

  /**
   * GitHub did not answer. Returns the `forge_down` error if the breaker is open now, null while it is still closed.
   */
  recordFailure(): MillraceError | null {
    this.#isProbing = false;
    this.#failures += 1;
    if (this.#failures < FAILURES) return null;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - FAILURES));
    this.#openUntil = this.#clock.now() + this.#pauseMs;
    return this.#error();
  }

  #error(): MillraceError {
    const resetAt = this.#spread.next(Math.max(this.#openUntil ?? 0, this.#clock.now()));
    return new MillraceError(
      "forge_down",
      `GitHub does not answer ${this.#name}; it is asked again from ${new Date(resetAt).toISOString()}`,
      {
        fix: "Nothing to do when it passes; otherwise look at https://www.githubstatus.com and at this host's network.",
        details: { resetAt, failures: this.#failures },
      },
    );
  }
}
