import type { Pipeline, PipelineInput } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import { parsePipeline, type Orchestration } from "@millrace/orchestration";

/**
 * Keeps a pipeline in a workspace as one that was saved earlier: on a host that has other services now, or under an id that is served from
 * the code by now. It must be able to run.
 * @throws MillraceError `pipeline_invalid`.
 */
export async function keepPipeline(
  store: Store,
  registries: Pick<Orchestration, "kinds" | "stepKinds">,
  { workspaceId, input }: { readonly workspaceId: string; readonly input: PipelineInput },
): Promise<Pipeline> {
  const pipeline = parsePipeline(input, registries);
  const isThere = (await store.pipelines.get(workspaceId, pipeline.id)) !== null;
  await store.commit([
    isThere
      ? { change: "update-pipeline", workspaceId, pipeline, expected: null }
      : { change: "insert-pipeline", workspaceId, pipeline, max: Number.MAX_SAFE_INTEGER },
  ]);
  return pipeline;
}
