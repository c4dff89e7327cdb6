import { match } from "ts-pattern";
import type { Gate } from "../gate.js";

/** How often the conflict-resolver is sent. Fixed: more attempts at the same conflict never helped. */
const CONFLICT_ATTEMPTS = 3;

/** The branch merges into its base without a conflict and contains the base's tip. */
export const conflictsGate: Gate = {
  name: "conflicts",
  helper: "conflict-resolver",
  readsChecks: false,
  ownsConflicts: true,
  endNotification: "conflicts_failed",
  budget: () => CONFLICT_ATTEMPTS,
  judge: ({ state }) =>
    match(state.mergeability)
      .with("clean", () => ({ says: "green" as const, because: "the branch contains its base and merges cleanly" }))
      .with("conflicted", () => ({
        says: "red" as const,
        because:
          state.conflicts.length === 0
            ? "the branch conflicts with its base"
            : `conflicts with the base in ${state.conflicts.join(", ")}`.slice(0, 4000),
      }))
      .with("unknown", () => ({ says: "pending" as const, because: "the forge has not computed mergeability yet" }))
      .exhaustive(),
  briefs: (verdict) => [{ from: "conflicts", text: verdict.because }],
};
