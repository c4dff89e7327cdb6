import { eventsOfBoard, eventsOfBoardScan, eventsOfSettings, eventsOfWorkspaces } from "@millrace/contracts";
import { defineEvents, defineModule, type Module, type Sweep } from "../../platform/module.js";
import { describeBoardEvent } from "./board.logic.js";
import { BoardService, type BoardCalls, type BoardPorts } from "./board-service.js";

/** Workspaces, their settings, and the blocks on their boards. */
export function boardModule(ports: BoardPorts, calls: BoardCalls): Module<BoardService> {
  const service = new BoardService(ports, calls);
  const remove: Sweep = { name: "board.remove", run: (now, limit, signal) => service.removal.sweep(now, limit, signal) };
  return defineModule({
    name: "board",
    service,
    sweeps: [remove],
    events: defineEvents([...eventsOfWorkspaces, ...eventsOfSettings, ...eventsOfBoard, ...eventsOfBoardScan], describeBoardEvent),
  });
}
