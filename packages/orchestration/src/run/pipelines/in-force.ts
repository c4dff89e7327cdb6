import type { Pipeline } from "@millrace/contracts";
import type { StoreReads } from "@millrace/kernel";
import { builtInPipelines } from "./built-in.js";

/** The pipeline of that id: the workspace's own, else the built-in one; null when there is neither. */
export async function pipelineInForce(store: Pick<StoreReads, "pipelines">, workspaceId: string, id: string): Promise<Pipeline | null> {
  return (await store.pipelines.get(workspaceId, id)) ?? builtInPipelines.find((pipeline) => pipeline.id === id) ?? null;
}

/** Every pipeline of a workspace that keeps `own`, in the order of their ids: one of its own replaces the built-in one of its id. */
export function pipelinesInForce(own: readonly Pipeline[]): readonly Pipeline[] {
  const byId = new Map([...builtInPipelines, ...own].map((pipeline) => [pipeline.id, pipeline]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
