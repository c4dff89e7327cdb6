import { growthConditions, stepCosts } from "./growth.ts";
import type { Question } from "./measure.ts";

/** Whether a step on a large board costs more than one on a small board. */
export const boardSize: Question = async (options) => ({
  title: "A step, by the size of its board",
  conditions: `${growthConditions(options)} The blocks are tasks of the same service.`,
  head: ["blocks", "ms/step", "ratio"],
  rows: await stepCosts(
    options,
    options.boards.map((blocks) => ({ name: blocks.toLocaleString("en"), copies: blocks })),
    async (engine) => {
      const [started] = await engine.start(1);
      await engine.drive();
      return { blockId: started?.blockId ?? "", runId: null };
    },
  ),
});
