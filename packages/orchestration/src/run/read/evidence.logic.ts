import type { Block, Run, RunEvidence } from "@millrace/contracts";
import type { StepKinds } from "../model/step-kind.js";
import { stepView } from "./step-view.logic.js";

/** What a run's merge stands on, or would stand on now: every verdict, rating, report and approval, each with what it was given for. */
export function evidenceOf(run: Run, task: Pick<Block, "merged">, kinds: StepKinds, now: number): RunEvidence {
  const steps = run.steps.flatMap((_step, index) => stepView(run, index, kinds, now) ?? []);
  return {
    runId: run.id,
    revision: run.revision,
    pipeline: run.pipeline,
    initiatedBy: run.initiatedBy,
    estimate: run.estimate,
    merge: task.merged?.runId === run.id ? task.merged : null,
    steps: steps.map(({ number, kind, state, verdict, ratings, report, approved, output, model }) => ({
      number,
      kind,
      state,
      verdict,
      ratings,
      report,
      approved,
      output,
      model,
    })),
  };
}
