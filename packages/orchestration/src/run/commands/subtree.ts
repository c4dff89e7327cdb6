import type { Store } from "@millrace/kernel";

/** A board has services, modules and tasks; anything deeper is a broken board. */
const MAX_DEPTH = 8;
const PAGE = 200;

/** Ids of a block and of everything in it, parents first, a page at a time. */
export async function* subtree(
  store: Store,
  root: { readonly workspaceId: string; readonly blockId: string },
  depth = 0,
): AsyncGenerator<string> {
  yield root.blockId;
  if (depth >= MAX_DEPTH) return;
  let after: string | undefined;
  for (;;) {
    const children = await store.blocks.children(root.workspaceId, root.blockId, { limit: PAGE, after });
    for (const child of children) yield* subtree(store, { workspaceId: root.workspaceId, blockId: child.id }, depth + 1);
    after = children.at(-1)?.id;
    if (children.length < PAGE) return;
  }
}
