/** The end of a run that nothing can be decided about any more, by a write that decodes nothing of it (F:C6). */
import {
  EVENT_SHAPE_VERSION,
  jobRefSchema,
  workspaceSettingsSchema,
  type JobRef,
  type RunEvent,
  type RunFailure,
} from "@millrace/contracts";
import { isMillraceError, logFailure, type Change, type RunSummary } from "@millrace/kernel";
import { z } from "zod";
import { ENGINE } from "../../platform/actor.logic.js";
import { raiseNotification, resolveNotification } from "../model/notification.logic.js";
import { settlement } from "../rules/usage.logic.js";
import { failureHint } from "../rules/failure-hints.logic.js";
import type { TurnResult } from "./commit.js";
import type { Engine } from "./engine.js";
import { learnOfBlock } from "./landing.js";
import type { RunAddress } from "./run-session.js";
import { stopCalls, type StoppedCall } from "./stop-calls.js";

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
  const { isStopped, calls } = await stopCallsOf(engine, run);
  const at = clock.now();
  const failure = failureOf(run, cause, at, isStopped);
  const ended: RunEvent = { version: EVENT_SHAPE_VERSION, at, actor: ENGINE, event: { type: "run-failed", failure } };
  await store.commit([
    { change: "end-run", workspaceId, id: runId, expected: run.revision, ended },
    { change: "append-run-events", workspaceId, runId, blockId: run.blockId, firstSequence: run.revision + 1, events: [ended] },
    ...calls.flatMap(({ call, usage }) => settlement(run, call, usage, at)),
    ...(await consequencesOf(engine, run, failure)),
    { change: "delete-activations", workspaceId, runId },
    { change: "leave-landing-queue", workspaceId, runId },
    { change: "unwake", workspaceId, runId },
  ]);
  await learnOfBlock(engine, run).catch((error: unknown) => logFailure(engine.ports.log, "look-failed", error, { runId }));
  return { is: "resting", on: "finished" };
}

/**
 * Changes outside the run at its end: its block, its notifications, its reservation. None of the rows they are about need be readable: what
 * cannot be read of them has a default.
 */
async function consequencesOf({ ports }: Engine, run: RunSummary, failure: RunFailure): Promise<readonly Change[]> {
  const { workspaceId, id: runId, blockId } = run;
  const { workspaces, blocks, notifications } = ports.store;
  const block = await unlessUnreadable(() => blocks.get(workspaceId, blockId));
  const workspace = await unlessUnreadable(() => workspaces.get(workspaceId));
  if (block === null || workspace === null) return [];
  const open = (await unlessUnreadable(() => notifications.ofRun(workspaceId, runId))) ?? [];
  const by = { at: failure.at };
  const isOfRun = block === undefined || (block.runId === runId && block.merged === null);
  return [
    ...(isOfRun ? [{ change: "patch-block", workspaceId, id: blockId, patch: { status: "blocked" } } as const] : []),
    ...open.map((notification) => resolveNotification(notification, "dismissed", by)),
    raiseNotification(run, { settings: workspace?.settings ?? workspaceSettingsSchema.parse({}) }, by, {
      id: `${runId}/end`,
      type: "run_failed",
      title: `${block?.title ?? blockId}: failed`,
      body: `${failure.message}\n${failure.hint}`,
    }),
    { change: "reserve-spend", workspaceId, runId, micros: 0, caps: [] },
  ];
}

/** Undefined when it is stored in a shape that this build cannot read. */
async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isMillraceError(error, "stored_shape_invalid") || isMillraceError(error, "stored_shape_newer")) return undefined;
    throw error;
  }
}

/** The part of a stored run that names its call in flight. */
const cursorSchema = z.looseObject({ cursor: z.number().int().nonnegative(), steps: z.array(z.unknown()) });
const callEffectSchema = z.looseObject({
  key: jobRefSchema.shape.key,
  request: z.looseObject({ do: z.enum(["ask-agent", "start-job"]), kind: jobRefSchema.shape.kind }),
});
const jobStepSchema = z.looseObject({ activity: z.looseObject({ is: z.literal("job"), job: jobRefSchema }) });
const effectStepSchema = z.looseObject({ activity: z.looseObject({ is: z.literal("effect"), effect: callEffectSchema }) });

/** What was in flight, as far as the document says; false when it may still run. What it used is unknown then, and is settled as reserved. */
interface StoppedCalls {
  readonly isStopped: boolean;
  readonly calls: readonly StoppedCall[];
}

async function stopCallsOf({ ports }: Engine, { workspaceId, id }: RunSummary): Promise<StoppedCalls> {
  let call: JobRef = { key: `${id}/unreadable`, ref: "", kind: "unknown", model: null };
  try {
    const record = await ports.store.runs.get(workspaceId, id);
    const run = cursorSchema.parse(record?.document);
    const inFlight = callOf(run.steps[run.cursor]);
    if (inFlight === null) return { isStopped: true, calls: [] };
    call = inFlight.call;
    return { isStopped: true, calls: await stopCalls(ports.agents, call, inFlight.of) };
  } catch (error) {
    logFailure(ports.log, "stop-failed", error, { runId: id });
    return { isStopped: false, calls: [{ call, usage: null }] };
  }
}

/** The job or the agent's call of a step; null when it has none in flight. */
function callOf(step: unknown): { readonly call: JobRef; readonly of: "job" | "call" } | null {
  const job = jobStepSchema.safeParse(step).data?.activity.job;
  if (job !== undefined) return { call: job, of: "job" };
  const effect = effectStepSchema.safeParse(step).data?.activity.effect;
  if (effect === undefined) return null;
  const { key, request } = effect;
  return { call: { key, ref: "", kind: request.kind, model: null }, of: request.do === "ask-agent" ? "call" : "job" };
}

function failureOf({ id, blockId }: RunSummary, cause: unknown, at: number, isStopped: boolean): RunFailure {
  const text = cause instanceof Error ? cause.message : "unknown error";
  const inFlight = isStopped ? "" : "; a job of it may still run: stop its processes by hand";
  const kind = "processing";
  const code = codeOf(cause);
  return {
    kind,
    code,
    message: `the run was ended because nothing could be decided about it: ${text}${inFlight}`.slice(0, 4000),
    detail: null,
    hint: failureHint({ kind, code, id, blockId, step: 0, branch: null }),
    step: 0,
    at,
  };
}

/** What could not be read: the run itself, or another row that its decisions need. */
function codeOf(cause: unknown): string {
  if (!isMillraceError(cause, "stored_shape_invalid")) return "decision_failed";
  const { entity = "run" } = cause.details;
  return entity === "run" ? "stored_run_unreadable" : "stored_row_unreadable";
}
