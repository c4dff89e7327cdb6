import { RUN_SHAPE_VERSION, runSchema, type Run, type RunInput, type Step } from "@millrace/contracts";
import { MillraceError, type RunRecord } from "@millrace/kernel";
import { heldEffect, openWait } from "./due.logic.js";

/** Service and task type a run is counted under; only the insert of a run writes it. */
export type Placement = Pick<RunRecord, "serviceId" | "taskType">;

/** The row of a run: what the store indexes, and the document. */
export function toRecord(run: Run, at: number, placement: Placement = { serviceId: null, taskType: null }): RunRecord {
  return {
    id: run.id,
    workspaceId: run.workspaceId,
    blockId: run.blockId,
    ...placement,
    pipeline: { id: run.pipeline.id, digest: run.pipeline.digest },
    status: statusOf(run),
    revision: run.revision,
    createdAt: run.startedAt,
    updatedAt: at,
    shapeVersion: RUN_SHAPE_VERSION,
    document: compact(run),
  };
}

/** The same run without what its schema fills in: about a third of the size while most of its steps are still to come. */
function compact(run: Run): RunInput {
  return { ...run, steps: run.steps.map(compactOnce) };
}

/** Most steps of a run stay as they are from one commit to the next. */
const compacted = new WeakMap<Step, RunInput["steps"][number]>();

function compactOnce(step: Step): RunInput["steps"][number] {
  const known = compacted.get(step) ?? compactStep(step);
  compacted.set(step, known);
  return known;
}

function compactStep({ effects, waits, timing, output, model, revision, approved, decisions, ...step }: Step): RunInput["steps"][number] {
  const { startedAt, finishedAt, waitedMs } = timing;
  return {
    ...step,
    definition: { ...present(step.definition), kind: step.definition.kind },
    ...(effects === 0 ? {} : { effects }),
    ...(waits === 0 ? {} : { waits }),
    ...(startedAt === null && waitedMs === 0
      ? {}
      : { timing: { ...present({ startedAt, finishedAt }), ...(waitedMs === 0 ? {} : { waitedMs }) } }),
    ...present({ output, model, revision, approved }),
    ...(decisions.length === 0 ? {} : { decisions }),
  };
}

/** Only for objects whose schema says `null` where a member is missing. */
function present<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) as Partial<T>;
}

/** The state of a run as it is stored and shown. */
export function statusOf(run: Run): RunRecord["status"] {
  if (run.phase.is !== "live") return run.phase.is;
  if (heldEffect(run) !== null) return "paused";
  return openWait(run) === null ? "running" : "waiting";
}

/**
 * Reads a stored run. Older shapes are upcast here, step by step, when there are any; a newer one was written by a
 * newer Millrace and is refused rather than half-understood (promise P13). Stores hand the document over unread, so this
 * is the one place that checks it. Errors name places, never values: a value may be a secret.
 */
export function fromRecord(record: RunRecord): Run {
  if (record.shapeVersion > RUN_SHAPE_VERSION) {
    throw new MillraceError(
      "stored_shape_newer",
      `run '${record.id}' was written in shape ${record.shapeVersion}; this version reads up to ${RUN_SHAPE_VERSION}`,
      { fix: "upgrade @millrace/orchestration" },
    );
  }
  const parsed = runSchema.safeParse(record.document);
  if (parsed.success) return withEnd(parsed.data, record.ended);
  const paths = parsed.error.issues.slice(0, 5).map((issue) => issue.path.join(".") || "(the whole of it)");
  throw new MillraceError(
    "stored_shape_invalid",
    `run '${record.id}' is stored in a shape this build cannot read: in ${paths.join(", ")}`,
    {
      fix: "Something else than Millrace wrote it, or the file is damaged: restore it from a backup.",
      details: { runId: record.id, paths },
    },
  );
}

/** State after the event that ended the run without its document, as `evolve` would give it. */
function withEnd(run: Run, ended: RunRecord["ended"]): Run {
  if (ended?.event.type !== "run-failed") return run;
  const { failure } = ended.event;
  return { ...run, finishedAt: ended.at, phase: { is: "failed", failure }, revision: run.revision + 1 };
}
