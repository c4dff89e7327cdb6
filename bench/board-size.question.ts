import { growthConditions, stepCosts } from "./growth.ts";
import type { Question } from "./measure.ts";

/** Cost of a step on a large board, compared with a small one. */
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
