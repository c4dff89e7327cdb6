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

/** Short pipelines, so that dozens of tasks reach their merge in one simulation. */
export const shortPipelines: readonly Pipeline[] = [
  ["coder", "conflicts", "ci", "merger"],
  ["coder", "conflicts", "ci", "reviewer", "conflicts", "ci", "merger"],
].map((kinds, index) => pipelineSchema.parse({ id: `pl_short_${index + 1}`, name: "Short", steps: kinds.map((kind) => ({ kind })) }));
