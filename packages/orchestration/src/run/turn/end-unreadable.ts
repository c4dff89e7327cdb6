/** The end of a run that nothing can be decided about any more, by a write that decodes nothing of it (F:C6). */
import { EVENT_SHAPE_VERSION, jobRefSchema, type JobRef, type RunEvent, type RunFailure } from "@millrace/contracts";
import { isMillraceError, logFailure, type Change, type RunSummary } from "@millrace/kernel";
import { z } from "zod";
import { ENGINE } from "../../platform/actor.logic.js";
import { raiseNotification, resolveNotification } from "../model/notification.logic.js";
import { spendCaps } from "../rules/budget.logic.js";
import { failureHint } from "../rules/failure-hints.logic.js";
import type { TurnResult } from "./commit.js";
import type { Engine } from "./engine.js";
import type { RunAddress } from "./run-session.js";

const ENDED: ReadonlySet<RunSummary["status"]> = new Set(["done", "failed", "cancelled"]);

/**
 * Ends a live run as failed: its row, its log, its block and a notification, guarded by its revision. What it had in flight is stopped
 * as far as the document says what that was.
 * @throws MillraceError `stale_revision` when it moved meanwhile, `database_*`.
 */
export async function endUnreadable(engine: Engine, { workspaceId, runId }: RunAddress, cause: unknown): Promise<TurnResult> {
  const { store, clock } = engine.ports;
  const run = await store.runs.summary(workspaceId, runId);
  if (run === null || ENDED.has(run.status)) return { is: "resting", on: "finished" };
  const isStopped = await stopJobOf(engine, run);
  const at = clock.now();
  const failure = failureOf(cause, at, isStopped);
  const ended: RunEvent = { version: EVENT_SHAPE_VERSION, at, actor: ENGINE, event: { type: "run-failed", failure } };
  await store.commit([
    { change: "end-run", workspaceId, id: runId, expected: run.revision, ended },
    { change: "append-run-events", workspaceId, runId, firstSequence: run.revision + 1, events: [ended] },
    ...(await consequencesOf(engine, run, failure)),
    { change: "delete-activations", workspaceId, runId },
    { change: "leave-landing-queue", workspaceId, runId },
    { change: "unwake", workspaceId, runId },
  ]);
  return { is: "resting", on: "finished" };
}

/** Changes outside the run at its end: its block, its notifications, its reservation. */
async function consequencesOf({ ports }: Engine, run: RunSummary, failure: RunFailure): Promise<readonly Change[]> {
  const { workspaceId, id: runId, blockId } = run;
  const { path, workspace } = await ports.store.runs.context({ workspaceId, blockId, runId });
  const [block] = path;
  if (block === undefined || workspace === null) return [];
  const open = await ports.store.notifications.ofRun(workspaceId, runId);
  const by = { at: failure.at };
  return [
    ...(block.runId === runId && block.merged === null
      ? [{ change: "patch-block", workspaceId, id: blockId, patch: { status: "blocked" } } as const]
      : []),
    ...open.map((notification) => resolveNotification(notification, "dismissed", by)),
    raiseNotification(run, workspace, by, {
      id: `${runId}/end`,
      type: "run_failed",
      title: `${block.title}: failed`,
      body: `${failure.message}\n${failure.hint}`,
    }),
    {
      change: "reserve-spend",
      workspaceId,
      runId,
      micros: 0,
      caps: spendCaps({ id: runId, blockId }, workspace.settings.budget, failure.at).filter(({ maxMicros }) => maxMicros !== null),
    },
  ];
}

/** The part of a stored run that names its job in flight. */
const cursorSchema = z.looseObject({ cursor: z.number().int().nonnegative(), steps: z.array(z.unknown()) });
const jobStepSchema = z.looseObject({ activity: z.looseObject({ is: z.literal("job"), job: jobRefSchema }) });

/** False when a job may still run: its stop failed, or the document does not say what is in flight. */
async function stopJobOf({ ports }: Engine, { workspaceId, id }: RunSummary): Promise<boolean> {
  try {
    const record = await ports.store.runs.get(workspaceId, id);
    const run = cursorSchema.parse(record?.document);
    const job: JobRef | undefined = jobStepSchema.safeParse(run.steps[run.cursor]).data?.activity.job;
    if (job !== undefined) await ports.agents.stopJob({ key: job.key, ref: job.ref, model: job.model });
    return true;
  } catch (error) {
    logFailure(ports.log, "stop-failed", error, { runId: id });
    return false;
  }
}

function failureOf(cause: unknown, at: number, isStopped: boolean): RunFailure {
  const text = cause instanceof Error ? cause.message : "unknown error";
  const inFlight = isStopped ? "" : "; a job of it may still run: look for it with millrace logs";
  return {
    kind: "processing",
    code: isMillraceError(cause, "stored_shape_invalid") ? "stored_run_unreadable" : "decision_failed",
    message: `the run was ended because nothing could be decided about it: ${text}${inFlight}`.slice(0, 4000),
    detail: null,
    hint: failureHint("processing"),
    step: 0,
    at,
  };
}
