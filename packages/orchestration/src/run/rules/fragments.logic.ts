import type { Block, FoldedFragments, Fragment, ResolvedFragment } from "@millrace/contracts";
import type { DecisionInput } from "../model/decision-input.js";

/** Characters of all fragments of one prompt. */
const MAX_CHARS = 60_000;

/** Fragments of one tier that an owner keeps, and the ids of lower tiers that it hides. */
export interface FragmentLayer {
  readonly tier: ResolvedFragment["tier"];
  readonly fragments: readonly Fragment[];
  readonly hidden: readonly string[];
}

/** The fragments that hold, by id: a later layer overrides and hides those before it. */
export function layFragments(layers: readonly FragmentLayer[]): ReadonlyMap<string, ResolvedFragment> {
  const found = new Map<string, ResolvedFragment>();
  for (const { tier, fragments, hidden } of layers) {
    for (const id of hidden) found.delete(id);
    for (const fragment of fragments) found.set(fragment.id, { ...fragment, tier });
  }
  return found;
}

type Guided = Pick<DecisionInput, "kinds" | "fragments"> & {
  readonly block: Pick<Block, "fragmentIds">;
  readonly service: Pick<Block, "fragmentIds"> | null;
};

/** Every id that a prompt of the block may name: those of its service, then its own. */
export function fragmentIdsOf({ block, service }: Pick<Guided, "block" | "service">): readonly string[] {
  return [...new Set([...(service?.fragmentIds ?? []), ...block.fragmentIds])];
}

/**
 * Guidance for the prompt of an agent kind: kinds that work on code get that of the service and of the block, others the block's. An id
 * that nothing stands for, and what does not fit, is left out and named.
 */
export function foldFragments(
  { block, service, kinds, fragments }: Guided,
  kind: string,
): { readonly used: readonly ResolvedFragment[]; readonly leftOut: readonly string[] } {
  const isCodeAware = kinds.get(kind)?.traits.includes("code-aware") ?? false;
  const ids = fragmentIdsOf({ block, service: isCodeAware ? service : null });
  const used: ResolvedFragment[] = [];
  const leftOut: string[] = [];
  let left = MAX_CHARS;
  for (const id of ids) {
    const fragment = fragments.get(id);
    if (fragment === undefined || fragment.body.length > left) leftOut.push(id);
    else {
      used.push(fragment);
      left -= fragment.body.length;
    }
  }
  return { used, leftOut };
}

/** The record of it in the event of the request; null where no fragment is named. */
export function foldedRecord(input: Guided, kind: string): FoldedFragments | null {
  const { used, leftOut } = foldFragments(input, kind);
  if (used.length === 0 && leftOut.length === 0) return null;
  return { used: used.map(({ id, version, tier }) => ({ id, version, tier })), leftOut: [...leftOut] };
}
