import type { Run } from "@millrace/contracts";
import type { StepKinds } from "../model/step-kind.js";

/** True if a step of the run may have had an environment made: it has asked for one, whatever came of it. */
export function mayHaveEnvironment({ steps }: Pick<Run, "steps">, stepKinds: StepKinds): boolean {
  return steps.some(({ state, effects, attempt }) => (effects > 0 || attempt > 1) && stepKinds.of(state).makesEnvironment);
}
