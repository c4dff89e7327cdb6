import { pipelineSchema, type Pipeline } from "@millrace/contracts";
import { builtInPipelines } from "@millrace/orchestration";

/** Step kinds that no built-in pipeline has, so that they are played as well: an environment, and the watch after a merge. */
const RELEASED = pipelineSchema.parse({
  id: "pl_released",
  name: "Released",
  steps: ["coder", "deployer", "conflicts", "ci", "merger", "post-release-health"].map((kind) => ({ kind })),
});

/** People run it on tasks that are finished and not merged; on any other it only fails. */
const ON_DEMAND = "pl_merge";

/** What `simulate` plays unless told otherwise: the built-in pipelines that tasks begin with, and one with the steps they leave out. */
export const simulatedPipelines: readonly Pipeline[] = [...builtInPipelines.filter(({ id }) => id !== ON_DEMAND), RELEASED];
