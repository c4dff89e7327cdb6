import type { HandlersOf } from "../../platform/operations/handler.js";
import type { BoardScanService } from "./board-scan-service.js";

/** The operations on the maps of services. */
export function boardScanHandlers(boardScan: BoardScanService): HandlersOf<"board-scan"> {
  return {
    "board-scan.blueprint": ({ workspace }, { serviceId }) => boardScan.blueprint({ workspace, serviceId }),
    "board-scan.dismissStale": async ({ workspace, by, commit }, { blockId }) =>
      // Done twice it changes nothing, and its home may be another board than that of the request.
      commit([], await boardScan.dismissStale({ workspace, by, blockId })),
  };
}
