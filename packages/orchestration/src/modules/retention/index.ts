import { defineModule, type Module, type Sweep } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { RetentionService } from "./retention-service.js";

/** Pause between two passes, in ms: one hour. What is kept for days need not go to the minute. */
const SWEEP_MS = 60 * 60_000;

/** Details of finished runs that are older than a workspace keeps them go. */
export function retentionModule(ports: Pick<OrchestrationPorts, "store" | "channels">): Module<RetentionService> {
  const service = new RetentionService(ports);
  const sweep: Sweep = { name: "retention.trim", everyMs: SWEEP_MS, run: (now, limit, signal) => service.trim(now, limit, signal) };
  return defineModule({ name: "retention", service, sweeps: [sweep] });
}
