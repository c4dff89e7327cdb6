import { join } from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { INLINE_STEP, openEngineBench } from "./engine-steps.ts";
import { median, number, ratio, temporaryFolder, type Question } from "./measure.ts";

/** One step more than is measured, because finishing a run costs more than finishing a step. */
const STEPS = 21;
const POSITIONS = [2, 10, 20] as const;
const clock = { now: () => Date.now() };

/** Cost of a late step, compared with an early one of the same run. */
export const position: Question = async ({ folder: parent, rounds, steps }) => {
  await using resources = new AsyncDisposableStack();
  const folder = await temporaryFolder(resources, parent);
  const sql = resources.use(await openSqliteStore({ path: join(folder, "position.db"), durability: "normal", clock }));
  const engine = await openEngineBench({ ...sql, clock, steps: Array.from({ length: STEPS }, () => INLINE_STEP) });
  await engine.run(Math.ceil(steps / 10));
  const { advances } = await engine.run(steps * rounds);
  const costs = POSITIONS.map((step) => median(advances.map((run) => run[step - 1] ?? Number.NaN)));
  return {
    title: "A step, by its position in the run",
    conditions: `Medians over ${advances.length} runs of ${STEPS} steps on SQLite NORMAL; every run gives one of each.`,
    head: ["step", "ms/step", "ratio"],
    rows: POSITIONS.map((step, index) => [
      String(step),
      number(costs[index] ?? null, 3),
      ratio(costs[index] ?? Number.NaN, costs[0] ?? Number.NaN),
    ]),
  };
};
