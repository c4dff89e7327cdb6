/** Modules of a service: found by title, created when they are missing. */
import type { Block } from "@millrace/contracts";
import { digestText, type Change } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { emptyBlock } from "../../platform/empty-block.js";

const ID_DIGITS = 20;

/** Reads a block, one that was removed from the board too. */
type ReadBlock = (workspaceId: string, id: string) => Promise<Block | null>;

/**
 * A new module. Its id follows from the service and the title, so that two runs that miss it at the same time cannot create two: the
 * second commit is refused, is tried again, and finds it. One that people removed, and that stays for its runs, keeps its id.
 */
export async function newModule(
  read: ReadBlock,
  service: Block,
  { title, ...known }: Pick<Block, "title"> & Partial<Pick<Block, "generatedText" | "references" | "blueprintKey">>,
  at: number,
): Promise<Block> {
  const id = await freeId(read, service, title.trim().toLowerCase());
  return emptyBlock({
    ...known,
    level: "module",
    parentId: service.id,
    title,
    id,
    workspaceId: service.workspaceId,
    createdAt: at,
  });
}

async function freeId(read: ReadBlock, { workspaceId, id }: Block, name: string): Promise<string> {
  for (let text = `${id}\n${name}`; ; text += "\n") {
    const moduleId = `mod_${(await digestText(text)).slice(0, ID_DIGITS)}`;
    const before = await read(workspaceId, moduleId);
    if (before === null || before.removedAt === null) return moduleId;
  }
}

/** The writes that put a new module on the board. */
export function insertModule(module: Block, at: number): readonly Change[] {
  const event = { type: "block-added", blockId: module.id, level: module.level, title: module.title } as const;
  return [{ change: "insert-block", block: module }, appendBoardEvent(module.workspaceId, { at }, event)];
}
