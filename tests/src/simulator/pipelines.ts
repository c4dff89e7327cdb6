import { pipelineSchema, type Pipeline } from "@millrace/contracts";
import { builtInPipelines } from "@millrace/orchestration";
import { builtInSamples } from "@millrace/orchestration/samples";

/** Only for finished tasks that are not merged; users start it on demand. */
const ON_DEMAND = "pl_merge";

/** Default pipelines of `simulate`: the built-in ones that a task can begin with, and those of samples with the remaining step kinds. */
export const simulatedPipelines: readonly Pipeline[] = [
  ...builtInPipelines.filter(({ id }) => id !== ON_DEMAND),
  ...builtInSamples.flatMap(({ scenarios = [] }) => scenarios).map((pipeline) => pipelineSchema.parse(pipeline)),
];
