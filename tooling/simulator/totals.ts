/** Totals over many seeds. Plain data, so that a process can send it. */
import type { SimulationReport } from "@millrace/tests/simulator";

export type Counts = Record<string, number>;

export interface Broken {
  readonly seed: number;
  readonly rules: readonly string[];
}

export interface Totals {
  seeds: number;
  commits: number;
  readonly broken: Broken[];
  readonly faults: Counts;
  readonly coverage: Counts;
  readonly outcomes: Counts;
  readonly pipelines: Record<string, Counts>;
}

export function nothing(): Totals {
  return { seeds: 0, commits: 0, broken: [], faults: {}, coverage: {}, outcomes: {}, pipelines: {} };
}

export function totalsOf(report: SimulationReport): Totals {
  const { seed, commits, violations, faults, coverage, outcomes } = report;
  const pipelines = Object.fromEntries(Object.entries(report.pipelines).map(([id, counts]) => [id, { ...counts }]));
  const broken = violations.length === 0 ? [] : [{ seed, rules: violations.map(({ rule, message }) => `${rule}: ${message}`) }];
  return { seeds: 1, commits, broken, faults: { ...faults }, coverage: { ...coverage }, outcomes: { ...outcomes }, pipelines };
}

export function add(totals: Totals, more: Totals): void {
  totals.seeds += more.seeds;
  totals.commits += more.commits;
  totals.broken.push(...more.broken);
  addCounts(totals.faults, more.faults);
  addCounts(totals.coverage, more.coverage);
  addCounts(totals.outcomes, more.outcomes);
  for (const [id, counts] of Object.entries(more.pipelines)) addCounts((totals.pipelines[id] ??= {}), counts);
}

function addCounts(counts: Counts, more: Counts): void {
  for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
}

function sorted(counts: Counts): readonly (readonly [string, number])[] {
  return Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The summary as text. Situations that never happened are listed with 0. */
export function summary({ faults, coverage, outcomes, pipelines }: Totals): string {
  const table = (title: string, counts: Counts): readonly string[] => [
    `${title}:`,
    ...sorted(counts).map(([name, count]) => `  ${name.padEnd(40)} ${count}${count === 0 ? "   never happened" : ""}`),
  ];
  return [...table("faults", faults), ...table("coverage", coverage), ...table("outcomes", outcomes), ...byPipeline(pipelines)].join("\n");
}

function byPipeline(pipelines: Totals["pipelines"]): readonly string[] {
  const columns = ["merged", "finished", "failed", "cancelled"];
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(20)}${cells.map((cell) => String(cell).padStart(11)).join("")}`;
  const lines = Object.entries(pipelines)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, counts]) => {
      const named = columns.map((column) => sum(counts, (name) => name.startsWith(column)));
      const all = sum(counts, () => true);
      return row(id, [all, ...named, all - named.reduce((total, count) => total + count, 0)]);
    });
  return ["pipelines:", row("", ["runs", ...columns, "open"]), ...lines];
}

function sum(counts: Counts, isWanted: (name: string) => boolean): number {
  return Object.entries(counts).reduce((total, [name, count]) => total + (isWanted(name) ? count : 0), 0);
}
