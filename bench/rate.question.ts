/** Steps per second, beside the database's bare commit rate. */
import { join } from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { createMemoryStore } from "@millrace/testing";
import { STEPS_PER_RUN, openEngineBench, type EngineBench } from "./engine-steps.ts";
import { alternate, median, number, ratio, temporaryFolder, type Question } from "./measure.ts";
import { openRawDatabase, type Durability, type RawDatabase } from "./raw-commits.ts";

interface Subject {
  readonly store: string;
  readonly raw: RawDatabase | null;
  readonly atOnce: number;
  readonly engine: EngineBench;
  readonly rawRates: number[];
  readonly stepRates: number[];
  commitsPerStep: number;
}

/** As many agents as answer at the same moment; a driver's default is 4. */
const AT_ONCE = 16;
const clock = { now: () => Date.now() };

export const stepRate: Question = async ({ folder: parent, rounds, steps }) => {
  await using resources = new AsyncDisposableStack();
  const folder = await temporaryFolder(resources, parent);
  const subjects = [
    await sqlite(resources, folder, "full", 1),
    await sqlite(resources, folder, "full", AT_ONCE),
    await sqlite(resources, folder, "normal", 1),
    subject("memory", null, 1, await openEngineBench({ ...createMemoryStore({ clock }), clock })),
  ];
  for (const one of subjects) await turn(one, Math.ceil(steps / 10), "warm-up");
  await alternate(rounds, subjects, (one, round) => turn(one, steps, round % 2 === 0 ? "raw first" : "engine first"));
  return {
    title: "A step beside a raw commit",
    conditions: `Medians of ${rounds} rounds of ${steps} steps (${STEPS_PER_RUN} a run). Ratio: steps per raw commit.`,
    head: ["store", "raw commits/s", "steps/s", "commits/step", "ratio"],
    rows: subjects.map(toRow),
  };
};

async function sqlite(resources: AsyncDisposableStack, folder: string, durability: Durability, atOnce: number): Promise<Subject> {
  const sql = resources.use(await openSqliteStore({ path: join(folder, `${durability}-${atOnce}.db`), durability, clock }));
  const raw = resources.use(openRawDatabase(join(folder, `${durability}-${atOnce}-raw.db`), durability));
  return subject(
    `SQLite ${durability.toUpperCase()}`,
    raw,
    atOnce,
    await openEngineBench({ store: sql.store, wakeups: sql.wakeups, clock }),
  );
}

function subject(store: string, raw: RawDatabase | null, atOnce: number, engine: EngineBench): Subject {
  return {
    store: atOnce === 1 ? store : `${store}, ${atOnce} runs at once`,
    raw,
    atOnce,
    engine,
    rawRates: [],
    stepRates: [],
    commitsPerStep: 0,
  };
}

async function turn(one: Subject, steps: number, order: "warm-up" | "raw first" | "engine first"): Promise<void> {
  const raw = (): void => {
    if (one.raw === null) return;
    const rate = steps / one.raw.commit(steps);
    if (order !== "warm-up") one.rawRates.push(rate);
  };
  if (order !== "engine first") raw();
  const ran = await one.engine.run(steps, one.atOnce);
  if (order !== "warm-up") one.stepRates.push(ran.steps / ran.seconds);
  one.commitsPerStep = ran.commits / ran.steps;
  if (order === "engine first") raw();
}

function toRow(one: Subject): readonly string[] {
  const steps = median(one.stepRates);
  const rawCommits = one.raw === null ? null : median(one.rawRates);
  return [
    one.store,
    number(rawCommits),
    number(steps),
    number(one.commitsPerStep, 2),
    rawCommits === null ? number(null) : ratio(steps, rawCommits),
  ];
}
