import { eventsOfBoardScan } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { ResolveBlock } from "../../platform/resolve-block.js";
import { describeBoardScanEvent } from "./board-scan.logic.js";
import { BoardScanService } from "./board-scan-service.js";

/** What runs have said of services: their maps. Runs write them, as effects of their steps. */
export function boardScanModule(ports: Pick<OrchestrationPorts, "store">, resolve: ResolveBlock): Module<BoardScanService> {
  return defineModule({
    name: "board-scan",
    service: new BoardScanService(ports, resolve),
    events: defineEvents(eventsOfBoardScan, describeBoardScanEvent),
  });
}
