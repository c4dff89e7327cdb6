/** Refusals about the removal of blocks, worded alike by every store. */
import { MillraceError } from "./errors.js";

/** `conflict`: a block that holds others on the board is not removed before them. */
export function blockHoldsBlocks(blockId: string): MillraceError {
  return new MillraceError("conflict", `block '${blockId}' holds blocks that are on the board`, {
    fix: "remove what is in it first",
    details: { blockId },
  });
}
