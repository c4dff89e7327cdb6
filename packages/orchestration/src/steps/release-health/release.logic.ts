import type { ReleaseSignal } from "@millrace/kernel";

/** The judgement of a release by its signals. */
export type ReleaseVerdict =
  | { readonly says: "healthy"; readonly because: string }
  | { readonly says: "watching" }
  | { readonly says: "regressed"; readonly because: string };

/**
 * Judges a release by its signals. A signal in alert is a regression at any time; every other state (ok, warn, no data) passes once the
 * watch window is over.
 */
export function judgeRelease(signals: readonly Pick<ReleaseSignal, "name" | "state" | "detail">[], windowIsOver: boolean): ReleaseVerdict {
  if (signals.length === 0) return { says: "healthy", because: "nothing is watched for this task" };
  const alerting = signals.filter(({ state }) => state === "alert");
  if (alerting.length > 0) {
    const told = alerting.map(({ name, detail }) => (detail === null ? name : `${name} (${detail})`));
    return { says: "regressed", because: `in alert: ${told.join(", ")}`.slice(0, 4000) };
  }
  return windowIsOver
    ? { says: "healthy", because: `${signals.length} signal(s) healthy over the whole watch window` }
    : { says: "watching" };
}
