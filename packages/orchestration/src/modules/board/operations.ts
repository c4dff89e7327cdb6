import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import type { BoardService } from "./board-service.js";

/** The operations on workspaces and the blocks of their boards. */
export function boardHandlers(board: BoardService): HandlersOf<"workspaces" | "board"> {
  return {
    "workspaces.create": (context, input) => board.createWorkspace({ ...input, ...writtenBy(context) }),
    "board.addService": (context, input) => board.addService({ ...input, ...writtenBy(context) }),
    "board.list": (_context, input) => board.reads.list(input),
    "board.get": (_context, input) => board.reads.get(input),
    "board.page": (_context, input) => board.reads.page(input),
    "board.addModule": (context, { workspaceId, serviceId, ...input }) =>
      board.addModule({ workspaceId, serviceId, input, ...writtenBy(context) }),
    "board.addTask": (context, { workspaceId, parentId, ...input }) =>
      board.addTask({ workspaceId, parentId, input, ...writtenBy(context) }),
    "board.update": (context, { workspaceId, blockId, ...input }) =>
      board.update({ workspaceId, blockId, input, require: context.require, ...writtenBy(context) }),
    "board.removeTask": (context, input) => board.removeTask({ ...input, ...writtenBy(context) }),
    "board.putChecks": (context, { checks, ...input }) => board.putChecks({ ...input, ...writtenBy(context), input: checks }),
    "board.putRepository": (context, { repository, ...input }) =>
      board.putRepository({ ...input, ...writtenBy(context), input: repository }),
    "board.putTesting": (context, { testing, ...input }) => board.putTesting({ ...input, input: testing, ...writtenBy(context) }),
  };
}
