/** The landing queue, from the side of a run that has left it. */
import type { Run } from "@millrace/contracts";
import { logFailure } from "@millrace/kernel";
import { laneOf } from "../model/lane.logic.js";
import type { Engine } from "./engine.js";

/** Lets the first in line look at once. Best effort: without it, it looks at its next poll. */
export async function wakeNextInLine({ ports }: Engine, { workspaceId, id, repository }: Run): Promise<void> {
  if (repository === null) return;
  try {
    const [first] = await ports.store.landings.line(workspaceId, laneOf(repository), 1);
    if (first !== undefined) await ports.wakeups.nudge(workspaceId, first, ports.clock.now());
  } catch (error) {
    logFailure(ports.log, "nudge-failed", error, { runId: id });
  }
}
