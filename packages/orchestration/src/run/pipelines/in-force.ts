import type { Pipeline } from "@millrace/contracts";
import type { StoreReads } from "@millrace/kernel";
import { servedPipelines, type ServedPipelines } from "./served.js";

/**
 * The pipeline of that id: the workspace's own, else the one that is served from the code; null when there is neither. A workspace that
 * kept its own under the id of a built-in one, which it cannot any more, goes on with it.
 */
export async function pipelineInForce(
  store: Pick<StoreReads, "pipelines">,
  served: ServedPipelines,
  workspaceId: string,
  id: string,
): Promise<Pipeline | null> {
  const own = await store.pipelines.get(workspaceId, id);
  if (own === null) return served.get(id)?.pipeline ?? null;
  const { revision: _, ...pipeline } = own;
  return pipeline;
}

/** Every pipeline of a workspace that keeps `own`, in the order of their ids: one of its own replaces the served one of its id. */
export function pipelinesInForce(own: readonly Pipeline[], served: ServedPipelines = servedPipelines()): readonly Pipeline[] {
  const fromCode = [...served.values()].map(({ pipeline }) => pipeline);
  const byId = new Map([...fromCode, ...own].map((pipeline) => [pipeline.id, pipeline]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
