import type { Clock } from "@millrace/kernel";
import type { ModelProxyLimits } from "../limits.js";
import { ModelRefusal } from "../wire/refusal.logic.js";

const WINDOW_MS = 60_000;

/** Lets calls of one door in: at most so many at the same time, and so many within a minute. */
export class CallGate {
  readonly #limits: Pick<ModelProxyLimits, "callsInFlight" | "callsPerMinute">;
  readonly #clock: Clock;
  #inFlight = 0;
  #begun: number[] = [];

  constructor(limits: Pick<ModelProxyLimits, "callsInFlight" | "callsPerMinute">, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Returns what lets the call out again. @throws ModelRefusal `calls_in_flight`, `calls_per_minute`. */
  enter(): () => void {
    const now = this.#clock.now();
    // What lies in the future is of a clock that was set back.
    this.#begun = this.#begun.filter((at) => at > now - WINDOW_MS && at <= now);
    const [oldest] = this.#begun;
    if (oldest !== undefined && this.#begun.length >= this.#limits.callsPerMinute)
      throw new ModelRefusal("calls_per_minute", Math.ceil((oldest + WINDOW_MS - now) / 1000));
    this.#begun.push(now);
    if (this.#inFlight >= this.#limits.callsInFlight) throw new ModelRefusal("calls_in_flight", 1);
    this.#inFlight += 1;
    let isInside = true;
    return () => {
      if (isInside) this.#inFlight -= 1;
      isInside = false;
    };
  }
}
