import type { Dependency, DependencyChanges, DependencyReads } from "@millrace/kernel";
import { dependencyCycle, dependencyThere, MAX_DEPENDENCIES, notFound, tooManyDependencies } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { MAX_PAGE, checkLimit, compare } from "../paging.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const dependencyChanges: MemoryHandlers<DependencyChanges> = {
  "add-dependency"(draft, { dependency }) {
    const { blocks, dependencies } = draft.tables;
    const { workspaceId, blockId, onId } = dependency;
    if (blockId === onId) throw dependencyCycle([blockId, onId]);
    for (const id of [blockId, onId]) {
      const block = blocks.get(keyOf(workspaceId, id));
      if (block?.level !== "task" || block.removedAt !== null) throw notFound("task", id);
    }
    const all = [...dependencies.values()].filter((each) => each.workspaceId === workspaceId);
    if (reachable(all, onId).has(blockId)) throw dependencyCycle([blockId, onId, blockId]);
    const key = keyOf(workspaceId, blockId, onId);
    if (dependencies.has(key)) throw dependencyThere(blockId, onId);
    if (all.filter((each) => each.blockId === blockId).length >= MAX_DEPENDENCIES) throw tooManyDependencies(blockId);
    draft.set(dependencies, key, dependency);
  },
  "remove-dependency"(draft, { workspaceId, blockId, onId }) {
    const key = keyOf(workspaceId, blockId, onId);
    if (!draft.tables.dependencies.has(key)) throw notFound("dependency", `${blockId} on ${onId}`);
    draft.delete(draft.tables.dependencies, key);
  },
};

/** Everything that a task waits for, by itself or by others. */
function reachable(all: readonly Dependency[], from: string): ReadonlySet<string> {
  const found = new Set<string>();
  const next = [from];
  for (let id = next.pop(); id !== undefined; id = next.pop())
    for (const { blockId, onId } of all)
      if (blockId === id && !found.has(onId)) {
        found.add(onId);
        next.push(onId);
      }
  return found;
}

export function dependencyReads({ dependencies, blocks }: MemoryTables): DependencyReads {
  const sorted = (workspaceId: string): readonly Dependency[] =>
    [...dependencies.values()]
      .filter((each) => each.workspaceId === workspaceId)
      .toSorted((a, b) => compare(a.blockId, b.blockId) || compare(a.onId, b.onId));
  return {
    async of(workspaceId, blockIds) {
      if (blockIds.length > 0) checkLimit(blockIds.length, MAX_PAGE);
      return copyOf(sorted(workspaceId).filter(({ blockId }) => blockIds.includes(blockId)));
    },
    async on(workspaceId, onId, limit) {
      return copyOf(
        sorted(workspaceId)
          .filter((each) => each.onId === onId)
          .slice(0, checkLimit(limit, MAX_PAGE)),
      );
    },
    async open(workspaceId, blockId) {
      return sorted(workspaceId)
        .filter((each) => each.blockId === blockId)
        .flatMap(({ onId }) => {
          const block = blocks.get(keyOf(workspaceId, onId));
          return block === undefined || block.status === "done" ? [] : [{ id: block.id, title: block.title, status: block.status }];
        });
    },
  };
}
