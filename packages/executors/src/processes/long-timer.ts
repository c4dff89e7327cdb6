import { LONGEST_TIMER_MS } from "@millrace/kernel";

/** A timer of any length. */
export interface LongTimer {
  /** Begins again with the whole time. */
  restart(): void;
  cancel(): void;
}

/** Calls back once after `ms`, which may be longer than one timer of the host can wait. `longestMs`: length of one. Default: 24.8 days. */
export function startLongTimer(ms: number, callback: () => void, longestMs: number = LONGEST_TIMER_MS): LongTimer {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer = setTimeout(() => (left > longestMs ? wait(left - longestMs) : callback()), Math.min(left, longestMs));
  };
  wait(ms);
  const cancel = (): void => clearTimeout(timer);
  return {
    cancel,
    restart() {
      cancel();
      wait(ms);
    },
  };
}
