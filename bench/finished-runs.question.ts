import { STEPS_PER_RUN } from "./engine-steps.ts";
import { growthConditions, stepCosts } from "./growth.ts";
import type { Question } from "./measure.ts";

/** Cost of a step after many runs have finished, compared with none. */
export const finishedRuns: Question = async (options) => ({
  title: "A step, by the finished runs in the database",
  conditions: `${growthConditions(options)} The finished runs have ${STEPS_PER_RUN} steps each, with all their events and outputs.`,
  head: ["finished runs", "ms/step", "ratio"],
  rows: await stepCosts(
    options,
    options.finishedRuns.map((runs) => ({ name: runs.toLocaleString("en"), copies: runs })),
    async (engine) => {
      const [started] = await engine.start(1);
      await engine.drive();
      return started ?? { blockId: "", runId: null };
    },
  ),
});
