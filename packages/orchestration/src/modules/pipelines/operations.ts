import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import type { PipelinesService } from "./pipelines-service.js";

/** The operations on pipelines. */
export function pipelineHandlers(pipelines: PipelinesService): HandlersOf<"pipelines"> {
  return {
    "pipelines.list": (_, input) => pipelines.list(input),
    "pipelines.get": (_, input) => pipelines.get(input),
    "pipelines.export": (_, input) => pipelines.export(input),
    "pipelines.create": (context, { workspaceId, ...input }) => pipelines.create({ workspaceId, input, ...writtenBy(context) }),
    "pipelines.import": (context, input) => pipelines.import({ ...input, ...writtenBy(context) }),
    "pipelines.clone": (context, input) => pipelines.clone({ ...input, ...writtenBy(context) }),
    "pipelines.update": (context, input) => pipelines.update({ ...input, ...writtenBy(context) }),
    "pipelines.organize": (context, input) => pipelines.organize({ ...input, ...writtenBy(context) }),
    "pipelines.remove": (context, input) => pipelines.remove({ ...input, ...writtenBy(context) }),
    "pipelines.validate": async (_, { steps }) => pipelines.validate(steps),
    "pipelines.listKinds": async (_, page) => pipelines.kinds(page),
    "pipelines.costs": (_, input) => pipelines.costs(input),
    "pipelines.versions": (_, input) => pipelines.versions(input),
  };
}
