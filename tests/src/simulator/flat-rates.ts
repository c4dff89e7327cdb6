/** Kinds that run on a subscription: their calls cost nothing more, and no budget may stop them (I9). */
import type { AgentExecutor } from "@millrace/kernel";
import type { Random } from "./random.logic.js";

/** In some lives, a few of the kinds. */
export function drawFlatRates(kinds: readonly string[], random: Random): ReadonlySet<string> {
  return new Set(random.chance(0.4) ? kinds.filter(() => random.chance(0.25)) : []);
}

/** Methods of a class do not survive a spread. */
export function withFlatRates(agents: AgentExecutor, flat: ReadonlySet<string>): AgentExecutor {
  return {
    resolveModel: (kind, request) => agents.resolveModel(kind, request),
    isQuotaBased: async (kind) => flat.has(kind),
    run: (task, signal) => agents.run(task, signal),
    startJob: (task) => agents.startJob(task),
    pollJob: (handle) => agents.pollJob(handle),
    stopJob: (handle) => agents.stopJob(handle),
    forget: (handle) => agents.forget(handle),
  };
}
