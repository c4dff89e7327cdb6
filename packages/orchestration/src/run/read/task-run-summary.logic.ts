/** The last run of a task in a few words, made from one read. Pure. */
import type { Run, TaskRunSummary } from "@millrace/contracts";
import { isMillraceError, type BlockWithRun } from "@millrace/kernel";
import { openWait } from "../model/due.logic.js";
import type { StepKinds } from "../model/step-kind.js";
import { fromRecord } from "../model/stored-run.js";
import { runReason } from "./run-reason.logic.js";
import { waitView } from "./run-view.logic.js";
import { stepView } from "./step-view.logic.js";

/** The last run of a task as cards show it at `now` (epoch ms); null when it had none. A run that this build cannot read shows its status. */
export function taskRunSummary({ block, run: record, cost }: BlockWithRun, kinds: StepKinds, now: number): TaskRunSummary | null {
  if (record === null) return null;
  const { id, status } = record;
  const run = readable(record);
  if (run === null) return { id, status, step: null, marks: [], reason: null, cost, waitsFor: [] };
  const steps = run.steps.flatMap((_step, index) => stepView(run, index, kinds, now) ?? []);
  const open = openWait(run);
  const waitsFor = open === null || block.responsibleId === null ? [] : [block.responsibleId];
  const current = steps[run.cursor] ?? steps.at(-1);
  return {
    id,
    status,
    step: current === undefined ? null : { number: current.number, of: steps.length, kind: current.kind },
    marks: steps.map(({ state }) => state),
    reason: runReason(run, steps, open === null ? null : waitView(run, open, null, kinds), { people: waitsFor }),
    cost: { ...cost },
    waitsFor,
  };
}

function readable(record: NonNullable<BlockWithRun["run"]>): Run | null {
  try {
    return fromRecord(record);
  } catch (error) {
    if (isMillraceError(error, "stored_shape_newer") || isMillraceError(error, "stored_shape_invalid")) return null;
    throw error;
  }
}
