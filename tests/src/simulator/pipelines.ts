import { pipelineSchema, type Pipeline } from "@millrace/contracts";
import { builtInPipelines } from "@millrace/orchestration";

/** A pipeline of the step kinds that no built-in pipeline has: an environment, and the watch after a merge. */
const RELEASED = pipelineSchema.parse({
  id: "pl_released",
  name: "Released",
  steps: ["coder", "deployer", "conflicts", "ci", "merger", "post-release-health"].map((kind) => ({ kind })),
});

/** Only for finished tasks that are not merged; users start it on demand. */
const ON_DEMAND = "pl_merge";

/** Default pipelines of `simulate`: the built-in ones that a task can begin with, and one with the remaining step kinds. */
export const simulatedPipelines: readonly Pipeline[] = [...builtInPipelines.filter(({ id }) => id !== ON_DEMAND), RELEASED];
