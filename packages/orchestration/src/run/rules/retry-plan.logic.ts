import type { Run, Step } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { isFinished } from "../model/due.logic.js";
import { freshStep, type Registries } from "../model/evolve.logic.js";
import type { StepKinds } from "../model/step-kind.js";

/** The steps of a new run that takes up an old one at `from`: earlier results kept, everything else fresh, every definition kept (I13). */
export function stepsFrom(run: Run, from: number, registries: Registries): Step[] {
  return run.steps.map((step, index) => (index < from ? step : freshStep(step.definition, registries)));
}

/**
 * Index at which an old run is really taken up that is to go on at `from`: its environment was taken down with it, so a step that brings
 * the service up needs the step again that made one.
 */
export function takenUpAt({ steps }: Pick<Run, "steps">, from: number, stepKinds: StepKinds): number {
  if (!steps.slice(from).some(({ state }) => stepKinds.of(state).needsTestInfrastructure)) return from;
  const made = steps.findIndex(({ state, activity }) => activity.is === "done" && stepKinds.of(state).makesEnvironment);
  return made < 0 ? from : Math.min(from, made);
}

/** Index at which a retry resumes: the first step that is not done. */
export function retryIndex(run: Run): number {
  if (run.phase.is !== "failed")
    throw new MillraceError("conflict", `run '${run.id}' is ${run.phase.is}; only a failed run is retried`, {
      fix: run.phase.is === "live" ? "stop it first, or restart it from a step" : "start a new run, or restart it from a step",
    });
  const index = run.steps.findIndex((step) => !isFinished(step));
  return index < 0 ? run.steps.length - 1 : index;
}

/**
 * Index at which a restart begins. A step behind unfinished ones is refused: its predecessors would stay
 * unfinished for ever.
 */
export function restartIndex(run: Run, index: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= run.steps.length) {
    throw new MillraceError("validation", `step ${index + 1} does not exist: run '${run.id}' has steps 1 to ${run.steps.length}`, {
      fix: `choose one of its steps; see them with: millrace show ${run.id}`,
    });
  }
  const unfinished = run.steps.findIndex((step) => !isFinished(step));
  if (unfinished >= 0 && index > unfinished) {
    throw new MillraceError("validation", `step ${index + 1} comes after step ${unfinished + 1}, which is not finished`, {
      fix: `restart from step ${unfinished + 1} or an earlier one`,
    });
  }
  return index;
}
