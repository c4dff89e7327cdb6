/** What the looks at a living fleet say: what holds at every moment, and that nothing that was seen is forgotten. */
import type { Snapshot } from "../snapshots.fixture.js";
import type { Violation } from "./violation.logic.js";

/**
 * In the order in which they were had. An engine that repeats what a server forgot comes to the same end, because keys are
 * kept outside: only a look that saw it before tells.
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
