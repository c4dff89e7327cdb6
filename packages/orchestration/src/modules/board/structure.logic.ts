import type { Block } from "@millrace/contracts";
import { MillraceError, notFound } from "@millrace/kernel";

/** Levels that a block of each level may be in. */
const HOLDERS: Readonly<Record<Block["level"], readonly Block["level"][]>> = {
  service: [],
  module: ["service"],
  task: ["service", "module"],
};

/** @throws MillraceError `validation` unless a block of that level may be in the parent. */
export function requireHolder(block: Pick<Block, "level" | "title">, parent: Pick<Block, "level" | "title">): void {
  if (HOLDERS[block.level].includes(parent.level)) return;
  const fix = HOLDERS[block.level].length === 0 ? "a service is in nothing" : `name a ${HOLDERS[block.level].join(" or a ")}`;
  throw new MillraceError("validation", `'${parent.title}' is a ${parent.level}: no ${block.level} is in one`, { fix });
}

/** @throws MillraceError `not_found` for a block that was removed from the board. */
export function requireOnBoard({ id, level, removedAt }: Pick<Block, "id" | "level" | "removedAt">): void {
  if (removedAt !== null) throw notFound(level, id);
}

/**
 * The way that waiting goes from one task to another, both ends included; null when there is none in what was read.
 * @param edges What tasks wait for, by the id of the task.
 */
export function pathBetween(edges: ReadonlyMap<string, readonly string[]>, from: string, to: string): readonly string[] | null {
  const cameFrom = new Map<string, string | null>([[from, null]]);
  for (const id of cameFrom.keys()) {
    if (id === to) return pathTo(cameFrom, to);
    for (const next of edges.get(id) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, id);
  }
  return null;
}

function pathTo(cameFrom: ReadonlyMap<string, string | null>, to: string): readonly string[] {
  const path: string[] = [];
  for (let id: string | null = to; id !== null; id = cameFrom.get(id) ?? null) path.unshift(id);
  return path;
}
