import type { HandlersOf } from "../../platform/operations/handler.js";
import type { HostService } from "./host-service.js";

/** The operations on the host itself. */
export function hostHandlers(host: HostService): HandlersOf<"host"> {
  return {
    "host.health": () => Promise.resolve({ ok: true }),
    "host.readiness": async ({ caller }) => {
      const parts = await host.parts();
      const ready = parts.every(({ ok }) => ok);
      // The parts of a host are shown to its operators only.
      return { ready, parts: caller.grants.isOperator === true ? parts : [] };
    },
    "host.metrics": () => host.metrics(),
    "host.configuration": async () => ({ entries: host.configuration(), parts: await host.parts() }),
    "host.sweeps": () => Promise.resolve(host.sweeps()),
    "host.runSweep": (_, { name }) => host.runSweep(name),
    "host.stuck": async () => [...(await host.stuck())],
    "host.endRun": (_, address) => host.endRun(address),
    "host.drain": (_, { on }) => {
      host.drain(on);
      return Promise.resolve({ draining: host.isDraining });
    },
  };
}
