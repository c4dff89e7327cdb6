import { eventsOfBoard, eventsOfBoardScan, eventsOfSettings, eventsOfWorkspaces } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describeBoardEvent } from "./board.logic.js";
import { boardAlone, type BoardCalls, type BoardEngineCalls, type BoardModuleCalls } from "./board-calls.js";
import { BoardService } from "./board-service.js";

/** Workspaces, their settings, and the blocks on their boards. What no other module gives is as on a board alone. */
export function boardModule(
  ports: PersonPorts & Pick<OrchestrationPorts, "ids">,
  calls: BoardEngineCalls & Partial<BoardModuleCalls>,
): Module<BoardService> {
  const all: BoardCalls = { ...boardAlone, ...calls };
  return defineModule({
    name: "board",
    service: new BoardService(ports, all),
    events: defineEvents([...eventsOfWorkspaces, ...eventsOfSettings, ...eventsOfBoard, ...eventsOfBoardScan], describeBoardEvent),
  });
}
