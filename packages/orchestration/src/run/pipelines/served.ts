import { pipelineSchema, type Pipeline, type PipelineInput, type PipelineOrigin } from "@millrace/contracts";
import { builtInPipelines } from "./built-in.js";

/** A pipeline that is served from the code, and whose code it is. */
export interface ServedPipeline {
  readonly pipeline: Pipeline;
  readonly origin: Exclude<PipelineOrigin, "workspace">;
}

/** The pipelines of every workspace of a host, by id: the built-in ones and the host's own. They are read only. */
export type ServedPipelines = ReadonlyMap<string, ServedPipeline>;

/** The built-in pipelines and those that a host registers; one of the host's replaces the built-in one of its id. */
export function servedPipelines(registered: readonly PipelineInput[] = []): ServedPipelines {
  const all: readonly ServedPipeline[] = [
    ...builtInPipelines.map((pipeline) => ({ pipeline, origin: "built-in" }) as const),
    ...registered.map((input) => ({ pipeline: pipelineSchema.parse(input), origin: "registered" }) as const),
  ];
  return new Map(all.map((served) => [served.pipeline.id, served]));
}
