import { pipelineSchema, type Pipeline } from "@millrace/contracts";
import { builtInPipelines } from "@millrace/orchestration";
import { sampleScenarios } from "../samples/lookup.logic.js";

/** People run it on tasks that are finished and not merged; on any other it only fails. */
const ON_DEMAND = "pl_merge";

/** What `simulate` plays unless told otherwise: the built-in pipelines that tasks begin with, and those with the steps they leave out. */
export const simulatedPipelines: readonly Pipeline[] = [
  ...builtInPipelines.filter(({ id }) => id !== ON_DEMAND),
  ...sampleScenarios.map((pipeline) => pipelineSchema.parse(pipeline)),
];
