/** Agent kinds on a flat rate: their calls cost nothing, and no budget may pause them (I9). */
import type { AgentExecutor } from "@millrace/kernel";
import type { Random } from "./random.logic.js";

/** Draws the flat-rate kinds: a few of them in some simulations, none in others. */
export function drawFlatRates(kinds: readonly string[], random: Random): ReadonlySet<string> {
  return new Set(random.chance(0.4) ? kinds.filter(() => random.chance(0.25)) : []);
}

/** An executor that reports these kinds as flat-rate. Written out, because the methods of a class are lost in a spread. */
export function withFlatRates(agents: AgentExecutor, flat: ReadonlySet<string>): AgentExecutor {
  return {
    resolveModel: (kind, request) => agents.resolveModel(kind, request),
    rateOf: async (kind, request) => (flat.has(kind) ? "flat" : agents.rateOf(kind, request)),
    run: (task, signal) => agents.run(task, signal),
    startJob: (task) => agents.startJob(task),
    pollJob: (handle) => agents.pollJob(handle),
    stopJob: (handle) => agents.stopJob(handle),
    forget: (handle) => agents.forget(handle),
  };
}
