/**
 * The breaker for times when GitHub does not answer (5xx, no connection). Owns: how often it failed in a row, and when it is asked
 * again. Does not own: any timer, any retry.
 * 1. After a few calls in a row without an answer nothing is sent: calls reject with `forge_down` and `details.resetAt`.
 * 2. Then one call at a time is let through. An answer, whatever it says, ends the outage; no answer makes the pause longer.
 */
import type { Clock } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { Stagger } from "./backoff-spread.js";

/** Calls, each of them tried several times when it was a read. */
const FAILURES = 3;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

export class Outage {
  readonly #clock: Clock;
  readonly #who: string;
  readonly #stagger = new Stagger();
  #failures = 0;
  /** Null: calls go through. */
  #until: number | null = null;
  #isProbing = false;

  /** `who` names the installation in errors. */
  constructor(clock: Clock, who: string) {
    this.#clock = clock;
    this.#who = who;
  }

  /** Before a call: true when it is the one that finds out. @throws MillraceError `forge_down` while GitHub is not to be asked. */
  enter(): boolean {
    if (this.#until === null) return false;
    if (this.#isProbing || this.#clock.now() < this.#until) throw this.#error();
    this.#isProbing = true;
    return true;
  }

  /** GitHub answered. */
  answered(): void {
    this.#failures = 0;
    this.#until = null;
    this.#isProbing = false;
  }

  /** It did not. Returns the error once the breaker is open; null while this is only a failed call. */
  failed(): MillraceError | null {
    this.#isProbing = false;
    this.#failures += 1;
    if (this.#failures < FAILURES) return null;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - FAILURES));
    this.#until = Math.max(this.#until ?? 0, this.#clock.now() + pauseMs);
    return this.#error();
  }

  #error(): MillraceError {
    const resetAt = this.#stagger.next(Math.max(this.#until ?? 0, this.#clock.now()));
    return new MillraceError(
      "forge_down",
      `GitHub does not answer ${this.#who}; it is asked again from ${new Date(resetAt).toISOString()}`,
      {
        fix: "Nothing to do when it passes; otherwise look at https://www.githubstatus.com and at this host's network.",
        details: { resetAt, failures: this.#failures },
      },
    );
  }
}
