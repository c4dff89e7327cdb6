import type { FragmentChanges, FragmentOwner, FragmentReads } from "@millrace/kernel";
import { alreadyExists, limitReached, notFound, rowChanged } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { MAX_PAGE, byId, checkLimit, copyOrNull } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const fragmentChanges: MemoryHandlers<FragmentChanges> = {
  "insert-fragment"(draft, { owner, fragment, max }) {
    const { fragments } = draft.tables;
    const key = keyIn(owner, fragment.id);
    if (fragments.has(key)) throw alreadyExists("fragment", fragment.id);
    needsOwner(draft, owner);
    draft.set(fragments, key, { ...rowOf(owner), fragment: { ...fragment, version: 1 } });
    if (own(draft.tables, owner).length > max) throw limitReached("fragments", max);
  },
  "update-fragment"(draft, { owner, fragment, expected }) {
    const key = keyIn(owner, fragment.id);
    const before = draft.tables.fragments.get(key)?.fragment;
    if (before === undefined) throw notFound("fragment", fragment.id);
    if (expected !== null && before.version !== expected) throw rowChanged("fragment", fragment.id, expected);
    draft.set(draft.tables.fragments, key, { ...rowOf(owner), fragment: { ...fragment, version: before.version + 1 } });
  },
  "delete-fragment"(draft, { owner, id, expected }) {
    const key = keyIn(owner, id);
    const before = draft.tables.fragments.get(key)?.fragment;
    if (before !== undefined && expected !== null && before.version !== expected) throw rowChanged("fragment", id, expected);
    draft.delete(draft.tables.fragments, key);
  },
  "hide-fragment"(draft, { owner, id, hidden }) {
    const { hiddenFragments } = draft.tables;
    if (!hidden) return draft.delete(hiddenFragments, keyIn(owner, id));
    needsOwner(draft, owner);
    draft.set(hiddenFragments, keyIn(owner, id), { ...rowOf(owner), id });
  },
};

export function fragmentReads(tables: MemoryTables): FragmentReads {
  return {
    get: async (owner, id) => copyOrNull(tables.fragments.get(keyIn(owner, id))?.fragment),
    async list(owner, page) {
      const rest = own(tables, owner).filter(({ id }) => id > (page.after ?? ""));
      return copyOf(rest.slice(0, checkLimit(page.limit, MAX_PAGE)));
    },
    async some(owner, ids) {
      const found = own(tables, owner).filter(({ id }) => ids.includes(id));
      return { fragments: copyOf(found), hidden: hiddenBy(tables, owner).filter((id) => ids.includes(id)) };
    },
    hidden: async (owner) => hiddenBy(tables, owner),
  };
}

const keyIn = ({ of, id }: FragmentOwner, fragmentId: string): string => keyOf(`${of} ${id}`, fragmentId);

const rowOf = (owner: FragmentOwner) => ({ owner, workspaceId: owner.of === "workspace" ? owner.id : null });

const isOf = (one: FragmentOwner, other: FragmentOwner): boolean => one.of === other.of && one.id === other.id;

function own({ fragments }: MemoryTables, owner: FragmentOwner) {
  return [...fragments.values()]
    .filter((row) => isOf(row.owner, owner))
    .map(({ fragment }) => fragment)
    .toSorted(byId);
}

function hiddenBy({ hiddenFragments }: MemoryTables, owner: FragmentOwner): readonly string[] {
  return [...hiddenFragments.values()].flatMap((row) => (isOf(row.owner, owner) ? [row.id] : [])).toSorted();
}

/** A workspace lies in the same database; an account may not. */
function needsOwner(draft: Draft, owner: FragmentOwner): void {
  if (owner.of === "workspace") needsWorkspace(draft, owner.id);
}
