import { hasPassed, isMillraceError } from "@millrace/kernel";
import { toRecord } from "../model/stored-run.js";
import { changeAtRest } from "../model/due.logic.js";
import type { Engine } from "../turn/engine.js";
import { loadRun, type RunAddress } from "../turn/run-session.js";

/** Shortest time between two looks at the forge for a run that rests, in ms. */
const LOOK_EVERY_MS = 60_000;

/**
 * Something happened outside: a run that works looks now instead of at its next poll. One that rests (for a person, or paused) looks
 * whether the change of its task was merged, at most once a minute. False when there is nothing to look at.
 */
export async function nudge(engine: Engine, { workspaceId, runId }: RunAddress): Promise<boolean> {
  const { store, wakeups, clock } = engine.ports;
  const now = clock.now();
  const status = (await store.runs.summary(workspaceId, runId))?.status;
  if (status !== "waiting" && status !== "paused") return wakeups.nudge(workspaceId, runId, now);
  const run = await loadRun(engine, { workspaceId, runId });
  if (changeAtRest(run) === null) return status === "paused" && wakeups.nudge(workspaceId, runId, now);
  const mayLookAt = (engine.lookedAt.get(runId) ?? -LOOK_EVERY_MS) + LOOK_EVERY_MS;
  const at = hasPassed(mayLookAt, now, LOOK_EVERY_MS) ? now : mayLookAt;
  engine.lookedAt.set(runId, at);
  try {
    await store.commit([
      { change: "update-run", record: toRecord(run, now), expected: run.revision },
      { change: "wake", workspaceId, runId, at },
    ]);
    return true;
  } catch (error) {
    if (!isMillraceError(error, "stale_revision")) throw error;
    return wakeups.nudge(workspaceId, runId, now);
  }
}
