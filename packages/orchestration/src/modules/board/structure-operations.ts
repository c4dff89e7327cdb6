import type { HandlersOf } from "../../platform/operations/handler.js";
import type { BoardService } from "./board-service.js";

type OfStructure = "board.move" | "board.reparent" | "board.addDependency" | "board.removeDependency" | "board.remove";

/** The operations on where blocks are, what they wait for, and their removal. */
export function structureHandlers({
  placement,
  dependencies,
  removal,
}: Pick<BoardService, "placement" | "dependencies" | "removal">): Pick<HandlersOf<"board">, OfStructure> {
  return {
    "board.move": ({ workspace, by }, { blockId, position }) => placement.move({ workspace, by, blockId, position }),
    "board.reparent": async ({ workspace, by, commit }, { blockId, parentId, position }) =>
      // Done twice it changes nothing, and its home may be another board than that of the request.
      commit([], await placement.reparent({ workspace, by, blockId, parentId, position })),
    "board.addDependency": ({ workspace, by }, { blockId, onId }) => dependencies.add({ workspace, by, blockId, onId }),
    "board.removeDependency": ({ workspace, by }, { blockId, onId }) => dependencies.remove({ workspace, by, blockId, onId }),
    "board.remove": ({ workspace, by, expected, require }, { blockId, detach }) =>
      removal.remove({ workspace, by, expected, require, blockId, detach }),
  };
}
