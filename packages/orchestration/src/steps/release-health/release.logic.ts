import type { ReleaseSignal } from "@millrace/kernel";

/** The judgement of a release by its signals. */
export type ReleaseVerdict =
  | { readonly says: "healthy"; readonly because: string }
  | { readonly says: "unwatched"; readonly because: string }
  | { readonly says: "watching" }
  | { readonly says: "regressed"; readonly because: string };

/**
 * What the signals say of a release. A signal in alert is a regression, whenever it is seen; everything else (ok, warn, no data)
 * raises no alarm, and passes when the watch window is over. Without a signal nothing is watched, which is not healthy.
 */
export function judgeRelease(signals: readonly Pick<ReleaseSignal, "name" | "state" | "detail">[], windowIsOver: boolean): ReleaseVerdict {
  if (signals.length === 0) return { says: "unwatched", because: "the monitors watch nothing for this task" };
  const alerting = signals.filter(({ state }) => state === "alert");
  if (alerting.length > 0) {
    const told = alerting.map(({ name, detail }) => (detail === null ? name : `${name} (${detail})`));
    return { says: "regressed", because: `in alert: ${told.join(", ")}`.slice(0, 4000) };
  }
  return windowIsOver
    ? { says: "healthy", because: `${signals.length} signal(s) healthy over the whole watch window` }
    : { says: "watching" };
}
