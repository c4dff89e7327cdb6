import { eventsOfBoard } from "@millrace/contracts";
import { defineEvents, defineModule, type Module, type Sweep } from "../../platform/module.js";
import { describeBoardEvent } from "./board.logic.js";
import { boardAlone, type BoardCalls, type BoardEngineCalls, type BoardModuleCalls, type BoardStructureCalls } from "./board-calls.js";
import { BoardService, type BoardPorts } from "./board-service.js";

/** The blocks on the boards of workspaces. What no other module gives is as on a board alone. */
export function boardModule(
  ports: BoardPorts,
  calls: BoardEngineCalls & BoardStructureCalls & Partial<BoardModuleCalls>,
): Module<BoardService> {
  const all: BoardCalls = { ...boardAlone, ...calls };
  const service = new BoardService(ports, all);
  const remove: Sweep = { name: "board.remove", run: (now, limit, signal) => service.removal.sweep(now, limit, signal) };
  return defineModule({
    name: "board",
    service,
    sweeps: [remove],
    events: defineEvents(eventsOfBoard, describeBoardEvent),
  });
}
