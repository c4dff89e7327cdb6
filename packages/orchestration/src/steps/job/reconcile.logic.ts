import type { Block, Blueprint } from "@millrace/contracts";
import type { BlockPatch } from "@millrace/kernel";

/** Differences between the board and the map of a service. */
export interface Reconciliation {
  /** Modules that the map names and the board does not have. */
  readonly missing: readonly (Pick<Block, "title" | "references"> & { readonly blueprintKey: string; readonly generatedText: string })[];
  /** What the map says anew of blocks that are there. */
  readonly changed: readonly { readonly block: Block; readonly patch: BlockPatch }[];
  /** Modules that the map names no longer, and that were not marked before. */
  readonly stale: readonly Block[];
}

/** Name of a module in a map, as it is compared. */
const keyOf = (name: string): string => name.trim().toLowerCase();

/**
 * Compares a service and the modules on the board with its map. A module is found by its key, which stays when people rename it; one
 * without a key by its title, and is the map's from then on. People's titles and descriptions are never touched, and nothing is deleted.
 */
export function reconcile(service: Block, modules: readonly Block[], map: Blueprint): Reconciliation {
  const byKey = new Map(modules.flatMap((module) => (module.blueprintKey === null ? [] : [[module.blueprintKey, module] as const])));
  const byTitle = new Map(modules.flatMap((module) => (module.blueprintKey === null ? [[keyOf(module.title), module] as const] : [])));
  const named = new Map(map.modules.map((node) => [keyOf(node.name), node]));
  const found = [...named].map(([key, node]) => ({ key, node, module: byKey.get(key) ?? byTitle.get(key) }));
  const changed = [
    { block: service, patch: said(service, map.summary, map.references) },
    ...found.flatMap(({ key, node, module }) =>
      module === undefined ? [] : [{ block: module, patch: { ...linked(module, key), ...said(module, node.summary, node.references) } }],
    ),
  ];
  return {
    missing: found.flatMap(({ key, node, module }) =>
      module === undefined
        ? [{ title: node.name.trim(), blueprintKey: key, generatedText: node.summary, references: node.references }]
        : [],
    ),
    changed: changed.filter(({ patch }) => Object.keys(patch).length > 0),
    stale: modules.filter(({ blueprintKey, isStale }) => blueprintKey !== null && !named.has(blueprintKey) && !isStale),
  };
}

/** A map that says nothing leaves what an earlier one said. */
function said({ generatedText, references }: Block, text: string, paths: readonly string[]): BlockPatch {
  return {
    ...(text === "" || text === generatedText ? {} : { generatedText: text }),
    ...(paths.length === 0 || paths.join("\n") === references.join("\n") ? {} : { references: [...paths] }),
  };
}

function linked({ blueprintKey, isStale }: Block, key: string): BlockPatch {
  return { ...(blueprintKey === key ? {} : { blueprintKey: key }), ...(isStale ? { isStale: false } : {}) };
}
