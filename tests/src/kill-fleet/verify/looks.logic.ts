/** What the looks at a living fleet say: what holds at every moment, and that nothing that was seen is forgotten. */
import type { Look } from "../watch.fixture.js";
import type { Fault } from "./fault.js";

/**
 * In the order in which they were had. An engine that repeats what a server forgot comes to the same end, because keys are
 * kept outside: only a look that saw it before tells.
 */
export function lookFaults(looks: readonly Look[]): readonly Fault[] {
  const faults: Fault[] = [];
  let events = 0;
  for (const look of looks) {
    if (look.asleep + look.unasked + look.stray > 0) faults.push({ is: "lost", rule: "live-look", what: JSON.stringify(look) });
    const forgotten = events - look.events;
    if (forgotten > 0) faults.push({ is: "lost", rule: "log", what: `${forgotten} events that were in the log are not there any more` });
    ({ events } = look);
  }
  return faults;
}
