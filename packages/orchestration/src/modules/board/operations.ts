import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import { structureHandlers } from "./structure-operations.js";
import type { BoardService } from "./board-service.js";

/** The operations on the blocks of boards. */
export function boardHandlers(board: BoardService): HandlersOf<"board"> {
  return {
    ...structureHandlers(board),
    "board.addService": (context, input) => board.addService({ ...input, ...writtenBy(context) }),
    "board.list": ({ workspace }, { workspaceId: _, ...input }) => board.reads.list({ ...input, workspace }),
    "board.get": ({ workspace }, { blockId }) => board.reads.get({ workspace, blockId }),
    "board.page": (_context, input) => board.reads.page(input),
    "board.addModule": (context, { workspaceId, serviceId, ...input }) =>
      board.addModule({ workspaceId, serviceId, input, ...writtenBy(context) }),
    "board.addTask": (context, { workspaceId, parentId, ...input }) =>
      board.addTask({ workspaceId, parentId, input, ...writtenBy(context) }),
    "board.update": (context, { workspaceId, blockId, ...input }) =>
      board.update({ workspaceId, blockId, input, require: context.require, ...writtenBy(context) }),
    "board.putChecks": (context, { checks, ...input }) => board.putChecks({ ...input, ...writtenBy(context), input: checks }),
    "board.putRepository": (context, { repository, ...input }) =>
      board.putRepository({ ...input, ...writtenBy(context), input: repository }),
    "board.putTesting": (context, { testing, ...input }) => board.putTesting({ ...input, input: testing, ...writtenBy(context) }),
  };
}
