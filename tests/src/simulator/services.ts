/** Outside services as the samples of the step kinds simulate them: an equal key returns the same environment or ticket. */
import type { OutsideServices } from "@millrace/kernel";
import { builtInSamples, type SimulationTools } from "@millrace/orchestration/samples";
import type { Coverage } from "./coverage.logic.js";
import type { Random } from "./random.logic.js";

export function simulatedServices(random: Random, coverage: Coverage): Partial<OutsideServices> {
  const tools = toolsFor(random, coverage);
  return Object.assign({}, ...builtInSamples.map((samples) => samples.services?.(tools) ?? {})) as Partial<OutsideServices>;
}

function toolsFor(random: Random, coverage: Coverage): SimulationTools {
  const made = new Map<string, number>();
  return {
    chance: (probability) => random.chance(probability),
    count: (outcome) => coverage.countOutcome(outcome),
    once(key, outcome) {
      const known = made.get(key);
      if (known !== undefined) return known;
      coverage.countOutcome(outcome);
      made.set(key, made.size + 1);
      return made.size;
    },
  };
}
