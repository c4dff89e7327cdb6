import { MillraceError } from "@millrace/kernel";
import { startLongTimer } from "../processes/long-timer.js";

/** The timers of a turn: total time and silence of the agent. */
export interface Watchdog extends Disposable {
  /** Resolves when a limit is exceeded, with `agent_timeout` that names it. Never rejects. */
  readonly expired: Promise<MillraceError>;
  /** Restarts the timer of the silence: there was output of the agent. */
  touch(): void;
}

export function startWatchdog(limits: { readonly totalMs: number; readonly inactivityMs: number }): Watchdog {
  let report: (error: MillraceError) => void = () => {};
  const expired = new Promise<MillraceError>((resolve) => {
    report = resolve;
  });
  const total = startLongTimer(limits.totalMs, () =>
    report(timeout(`the agent did not finish within ${seconds(limits.totalMs)} (total limit)`)),
  );
  const idle = startLongTimer(limits.inactivityMs, () =>
    report(timeout(`nothing came from the agent for ${seconds(limits.inactivityMs)} (inactivity limit)`)),
  );
  return {
    expired,
    touch: () => idle.restart(),
    [Symbol.dispose]() {
      total.cancel();
      idle.cancel();
    },
  };
}

function timeout(message: string): MillraceError {
  return new MillraceError("agent_timeout", message, { fix: "make the task smaller, or give its job more time in the limits of the host" });
}

function seconds(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1000} s`;
}
