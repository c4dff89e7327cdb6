import type { Block } from "@millrace/contracts";
import type { SpendTotal } from "@millrace/kernel";
import type { Board } from "./find.js";

/** Spending of each task over all its runs, by its id. */
export async function costsOf(
  { store, workspaceId }: Board,
  tasks: readonly Pick<Block, "id">[],
): Promise<ReadonlyMap<string, SpendTotal>> {
  return new Map(await Promise.all(tasks.map(async ({ id }) => [id, await store.spend.total(workspaceId, `task/${id}`)] as const)));
}
