/** Modules of a service: found by title, created when they are missing. */
import type { Block } from "@millrace/contracts";
import { digestText, type Change } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { emptyBlock } from "../../platform/empty-block.js";

const ID_DIGITS = 20;

/**
 * A new module. Its id follows from the service and the title, so that two runs that miss it at the same time cannot create two: the
 * second commit is refused, is tried again, and finds it.
 */
export async function newModule(
  service: Block,
  { title, ...known }: Pick<Block, "title"> & Partial<Pick<Block, "description" | "references">>,
  at: number,
): Promise<Block> {
  const digest = await digestText(`${service.id}\n${title.trim().toLowerCase()}`);
  return emptyBlock({
    ...known,
    level: "module",
    parentId: service.id,
    title,
    id: `mod_${digest.slice(0, ID_DIGITS)}`,
    workspaceId: service.workspaceId,
    createdAt: at,
  });
}

/** The writes that put a new module on the board. */
export function insertModule(module: Block, at: number): readonly Change[] {
  const event = { type: "block-added", blockId: module.id, level: module.level, title: module.title } as const;
  return [{ change: "insert-block", block: module }, appendBoardEvent(module.workspaceId, { at }, event)];
}
