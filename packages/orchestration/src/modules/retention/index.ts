import { eventsOfRetention } from "@millrace/contracts";
import { defineEvents, defineModule, type Module, type Sweep } from "../../platform/module.js";
import { describeRetentionEvent, type RetentionBounds } from "./retention.logic.js";
import { RetentionService, type RetentionPorts } from "./retention-service.js";

/** Pause between two passes, in ms: one hour. What is kept for days need not go to the minute. */
const SWEEP_MS = 60 * 60_000;

/** Details of finished runs that are older than a workspace keeps them go. */
export function retentionModule(ports: RetentionPorts, bounds: RetentionBounds = {}): Module<RetentionService> {
  const service = new RetentionService(ports, bounds);
  const sweep: Sweep = { name: "retention.trim", everyMs: SWEEP_MS, run: (now, limit, signal) => service.trim(now, limit, signal) };
  return defineModule({
    name: "retention",
    service,
    sweeps: [sweep],
    events: defineEvents(eventsOfRetention, describeRetentionEvent),
  });
}
