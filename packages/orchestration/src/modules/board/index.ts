import { eventsOfBoard, eventsOfBoardScan, eventsOfSettings, eventsOfWorkspaces } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describeBoardEvent } from "./board.logic.js";
import { BoardService, type BoardCalls } from "./board-service.js";

/** Workspaces, their settings, and the blocks on their boards. */
export function boardModule(ports: PersonPorts & Pick<OrchestrationPorts, "ids">, calls: BoardCalls): Module<BoardService> {
  return defineModule({
    name: "board",
    service: new BoardService(ports, calls),
    events: defineEvents([...eventsOfWorkspaces, ...eventsOfSettings, ...eventsOfBoard, ...eventsOfBoardScan], describeBoardEvent),
  });
}
