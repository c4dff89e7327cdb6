import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import { structureHandlers } from "./structure-operations.js";
import type { BoardService } from "./board-service.js";

/** The operations on workspaces and the blocks of their boards. */
export function boardHandlers(board: BoardService): HandlersOf<"workspaces" | "board"> {
  return {
    ...structureHandlers(board),
    "workspaces.create": (context, input) => board.createWorkspace({ ...input, ...writtenBy(context) }),
    "board.addService": (context, input) => board.addService({ ...input, ...writtenBy(context) }),
    "board.addTask": (context, { workspaceId, parentId, ...input }) =>
      board.addTask({ workspaceId, parentId, input, ...writtenBy(context) }),
    "board.updateTask": (context, { workspaceId, blockId, ...input }) =>
      board.updateTask({ workspaceId, blockId, input, ...writtenBy(context) }),
    "board.putChecks": (context, { checks, ...input }) => board.putChecks({ ...input, ...writtenBy(context), input: checks }),
    "board.putTesting": (context, { testing, ...input }) => board.putTesting({ ...input, input: testing, ...writtenBy(context) }),
  };
}
