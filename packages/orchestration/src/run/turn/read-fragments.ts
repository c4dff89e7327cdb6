import type { Fragment, ResolvedFragment, Workspace } from "@millrace/contracts";
import type { StoreReads } from "@millrace/kernel";
import { layFragments, type FragmentLayer } from "../rules/fragments.logic.js";

/** The fragments of these ids that hold in a workspace: built-in < account < workspace. Without ids nothing is read. */
export async function readFragments(
  store: Pick<StoreReads, "fragments">,
  pool: readonly Fragment[],
  { id, accountId }: Pick<Workspace, "id" | "accountId">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ResolvedFragment>> {
  if (ids.length === 0) return NONE;
  const layers: FragmentLayer[] = [{ tier: "built-in", fragments: pool.filter((each) => ids.includes(each.id)), hidden: [] }];
  if (accountId !== null) layers.push({ tier: "account", ...(await store.fragments.some({ of: "account", id: accountId }, ids)) });
  layers.push({ tier: "workspace", ...(await store.fragments.some({ of: "workspace", id }, ids)) });
  return layFragments(layers);
}

const NONE: ReadonlyMap<string, ResolvedFragment> = new Map();
