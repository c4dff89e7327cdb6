/** Checks of snapshots: invariants that hold at every moment, and that no event disappears. */
import type { Snapshot } from "../snapshots.fixture.js";
import type { Violation } from "./violation.logic.js";

/**
 * Violations in a sequence of snapshots. An engine that repeats work which a server lost reaches the same end, because the environment
 * is idempotent: only an earlier snapshot reveals the loss.
 */
export function snapshotViolations(snapshots: readonly Snapshot[]): readonly Violation[] {
  const violations: Violation[] = [];
  let events = 0;
  for (const snapshot of snapshots) {
    if (snapshot.asleep + snapshot.unasked + snapshot.stray > 0)
      violations.push({ is: "lost", rule: "live-look", what: JSON.stringify(snapshot) });
    const forgotten = events - snapshot.events;
    if (forgotten > 0)
      violations.push({ is: "lost", rule: "log", what: `${forgotten} events that were in the log are not there any more` });
    ({ events } = snapshot);
  }
  return violations;
}
