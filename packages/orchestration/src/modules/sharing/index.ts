import { eventsOfSharing } from "@millrace/contracts";
import { defineEvents, defineModule, type Module, type Sweep } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { describeSharingEvent } from "./sharing.logic.js";
import { SharingService } from "./sharing-service.js";

/** Services that several boards of an account show. */
export function sharingModule(ports: Pick<OrchestrationPorts, "store" | "clock" | "log">): Module<SharingService> {
  const service = new SharingService(ports);
  const settle: Sweep = { name: "sharing.settle", run: (now, limit, signal) => service.directory.settle(now, limit, signal) };
  return defineModule({ name: "sharing", service, sweeps: [settle], events: defineEvents(eventsOfSharing, describeSharingEvent) });
}
