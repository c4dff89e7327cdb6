/**
 * Shared by every question: sizes, alternating rounds, medians, tables.
 *
 * Variants are measured side by side in one run, and their order turns around each round, so that a noisy machine is
 * unfair to none. What counts is the ratio; the absolute numbers are the machine's.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Sizes {
  /** Steps (and raw commits) per variant and round. */
  readonly steps: number;
  readonly rounds: number;
  /** Blocks of the boards that are compared, the smallest first. */
  readonly boards: readonly number[];
  /** Finished runs in the databases that are compared, the smallest first. */
  readonly finishedRuns: readonly number[];
  readonly parkedRuns: number;
  readonly idleSeconds: number;
  /** Runs that are live when their process is killed. */
  readonly liveRuns: number;
  /** Finished runs whose bytes are counted. */
  readonly weighedRuns: number;
  /** Open pull requests that are compared, the fewest first. */
  readonly openPullRequests: readonly number[];
  /** Runs that one process makes due for another, in each round. */
  readonly wakeUps: number;
  /** Virtual minutes that a forge is watched for. */
  readonly forgeMinutes: number;
}

export const FULL_SIZES: Sizes = {
  steps: 2000,
  rounds: 5,
  boards: [10, 1000, 100_000],
  finishedRuns: [0, 10_000],
  parkedRuns: 100_000,
  idleSeconds: 10,
  liveRuns: 1000,
  weighedRuns: 200,
  wakeUps: 40,
  openPullRequests: [10, 50, 200],
  forgeMinutes: 20,
};

/** Reduced sizes: all tables in under a minute. */
export const SMALL_SIZES: Sizes = {
  steps: 400,
  rounds: 3,
  boards: [10, 1000],
  finishedRuns: [0, 200],
  parkedRuns: 1000,
  idleSeconds: 3,
  liveRuns: 50,
  weighedRuns: 20,
  wakeUps: 10,
  openPullRequests: [10, 50],
  forgeMinutes: 5,
};

export interface BenchOptions extends Sizes {
  /** Folder of the databases. Default: the system's folder for temporary files. */
  readonly folder?: string | undefined;
  /** Children run the packages' sources instead of what was built. For tests. Default false. */
  readonly fromSources?: boolean | undefined;
}

/** An answer: a line on what was measured, and rows of text under their heads. The first column names the variant. */
export interface Table {
  readonly title: string;
  readonly conditions: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Measures, cleans up after itself, and throws when what it measured did not happen. */
export type Question = (options: BenchOptions) => Promise<Table>;

/** A folder for one question, gone when the stack is disposed. */
export async function temporaryFolder(resources: AsyncDisposableStack, parent: string | undefined): Promise<string> {
  const folder = await mkdtemp(join(parent ?? tmpdir(), "millrace-bench-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Every variant once a round, in turned order every other round. */
export async function alternate<Variant>(
  rounds: number,
  variants: readonly Variant[],
  measure: (variant: Variant, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1)
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) await measure(variant, round);
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** For a cell; a dash where there is nothing to say. */
export function number(value: number | null, digits = 0): string {
  return value === null || Number.isNaN(value) ? "–" : value.toFixed(digits);
}

/** `value` as a multiple of `base`, for the column `ratio`. */
export function ratio(value: number, base: number): string {
  return number(value / base, 2);
}

/** Markdown, aligned for reading as text too. */
export function markdownOf(table: Table): string {
  const lines = [table.head, table.head.map((_, column) => (column === 0 ? "---" : "---:")), ...table.rows];
  const widths = table.head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return `### ${table.title}\n\n${table.conditions}\n\n${text.join("\n")}\n`;
}
