import { eventsOfBoard, eventsOfBoardScan } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describeBoardEvent } from "./board.logic.js";
import { BoardService, type BoardCalls } from "./board-service.js";

/** The blocks on the boards of workspaces. */
export function boardModule(ports: PersonPorts & Pick<OrchestrationPorts, "ids">, calls: BoardCalls): Module<BoardService> {
  return defineModule({
    name: "board",
    service: new BoardService(ports, calls),
    events: defineEvents([...eventsOfBoard, ...eventsOfBoardScan], describeBoardEvent),
  });
}
