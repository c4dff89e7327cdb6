/**
 * Raw and engine rounds take turns on the same disk, so that a noisy neighbour hits both; what is reported is the median.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { createMemoryStore } from "@millrace/testing";
import { openEngineBench, type EngineBench } from "./engine-steps.ts";
import { openRawDatabase, type Durability, type RawDatabase } from "./raw-commits.ts";

export interface MeasureOptions {
  /** Steps, and raw commits, per store and round. */
  readonly steps: number;
  readonly rounds: number;
  /** Where the databases are made. Default: the system's folder for temporary files. */
  readonly folder?: string | undefined;
}

export interface Row {
  readonly store: string;
  /** Medians per second; null where there is no database. */
  readonly rawCommits: number | null;
  readonly steps: number;
  readonly commitsPerStep: number;
  /** Steps per raw commit. */
  readonly ratio: number | null;
}

interface Subject {
  readonly store: string;
  readonly raw: RawDatabase | null;
  readonly engine: EngineBench;
  readonly rawRates: number[];
  readonly stepRates: number[];
  commitsPerStep: number;
}

const clock = { now: () => Date.now() };

export async function measure(options: MeasureOptions): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), "millrace-bench-"));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const subjects = [
    await sqlite(resources, folder, "full"),
    await sqlite(resources, folder, "normal"),
    subject("memory", null, await openEngineBench({ ...createMemoryStore({ clock }), clock })),
  ];
  for (const one of subjects) await turn(one, Math.ceil(options.steps / 10), "warm-up");
  for (let round = 0; round < options.rounds; round += 1)
    for (const one of subjects) await turn(one, options.steps, round % 2 === 0 ? "raw first" : "engine first");
  return subjects.map(toRow);
}

async function sqlite(resources: AsyncDisposableStack, folder: string, durability: Durability): Promise<Subject> {
  const sql = resources.use(await openSqliteStore({ path: join(folder, `${durability}.db`), durability, clock }));
  const raw = resources.use(openRawDatabase(join(folder, `${durability}-raw.db`), durability));
  return subject(`SQLite ${durability.toUpperCase()}`, raw, await openEngineBench({ store: sql.store, wakeups: sql.wakeups, clock }));
}

function subject(store: string, raw: RawDatabase | null, engine: EngineBench): Subject {
  return { store, raw, engine, rawRates: [], stepRates: [], commitsPerStep: 0 };
}

async function turn(one: Subject, steps: number, order: "warm-up" | "raw first" | "engine first"): Promise<void> {
  const raw = (): void => {
    if (one.raw === null) return;
    const rate = steps / one.raw.commit(steps);
    if (order !== "warm-up") one.rawRates.push(rate);
  };
  if (order !== "engine first") raw();
  const ran = await one.engine.run(steps);
  if (order !== "warm-up") one.stepRates.push(ran.steps / ran.seconds);
  one.commitsPerStep = ran.commits / ran.steps;
  if (order === "engine first") raw();
}

function toRow(one: Subject): Row {
  const steps = median(one.stepRates);
  const rawCommits = one.raw === null ? null : median(one.rawRates);
  return {
    store: one.store,
    rawCommits,
    steps,
    commitsPerStep: one.commitsPerStep,
    ratio: rawCommits === null ? null : steps / rawCommits,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** A Markdown table, aligned for reading as text too. */
export function tableOf(rows: readonly Row[]): string {
  const number = (value: number | null, digits = 0): string => (value === null ? "–" : value.toFixed(digits));
  const cells = rows.map((row) => [
    row.store,
    number(row.rawCommits),
    number(row.steps),
    number(row.commitsPerStep, 2),
    number(row.ratio, 2),
  ]);
  const lines = [["store", "raw commits/s", "steps/s", "commits/step", "ratio"], ["---", "---:", "---:", "---:", "---:"], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`).join("\n");
}
