/** Cost of one step in databases of different sizes. Shared by the questions of that form. */
import { join } from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { STEPS_PER_RUN, openEngineBench, type EngineBench } from "./engine-steps.ts";
import { copyTemplate, type Template } from "./fill.ts";
import { alternate, median, number, ratio, temporaryFolder, type BenchOptions } from "./measure.ts";

export interface HeldRecord {
  readonly name: string;
  readonly copies: number;
}

/** Without waiting for the disk, so that the flush, the same for all, hides nothing. */
const DURABILITY = "normal";
const clock = { now: () => Date.now() };

/** Rows of name, cost of a step, and that cost as a multiple of the first one's. `prepare` makes the template that is copied. */
export async function stepCosts(
  { folder: parent, rounds, steps }: BenchOptions,
  variants: readonly HeldRecord[],
  prepare: (engine: EngineBench) => Promise<Template>,
): Promise<readonly (readonly string[])[]> {
  await using resources = new AsyncDisposableStack();
  const folder = await temporaryFolder(resources, parent);
  const subjects = [];
  for (const { name, copies } of variants) {
    const path = join(folder, `${copies}.db`);
    {
      await using empty = await openSqliteStore({ path, durability: DURABILITY, clock });
      copyTemplate(path, await prepare(await openEngineBench({ ...empty, clock })), copies);
    }
    const sql = resources.use(await openSqliteStore({ path, durability: DURABILITY, clock }));
    const engine = await openEngineBench({ ...sql, clock });
    await engine.run(Math.ceil(steps / 10));
    subjects.push({ name, engine, costs: [] as number[] });
  }
  // One run a turn, so that each burst of other work on the machine hits all variants; the median drops it.
  await alternate(Math.ceil((rounds * steps) / STEPS_PER_RUN), subjects, async ({ engine, costs }) => {
    const { advances } = await engine.run(STEPS_PER_RUN);
    costs.push(...advances.flat());
  });
  const base = median(subjects[0]?.costs ?? []);
  return subjects.map(({ name, costs }) => [name, number(median(costs), 3), ratio(median(costs), base)]);
}

/** Parameters of `stepCosts`, for the line above its table. */
export function growthConditions({ rounds, steps }: BenchOptions): string {
  return `Medians of ${rounds * steps} steps (${STEPS_PER_RUN} a run) on SQLite ${DURABILITY.toUpperCase()}; a database each, a run each in turn.`;
}
