/** The part of a report that every fleet has: a table, and the violations. */
import type { Violation } from "./verify/violation.logic.js";

export type Row = readonly [string, string | number];

/** Maximum number of violations that are listed. */
const SHOWN = 40;

export function tableOf(rows: readonly Row[], violations: readonly Violation[], ms: number): string {
  const count = (is: Violation["is"]): number => violations.filter((violation) => violation.is === is).length;
  const all: readonly Row[] = [
    ...rows,
    ...(["lost", "twice", "stuck", "wrong"] as const).map((is): Row => [is, count(is)]),
    ["seconds", Math.round(ms / 100) / 10],
  ];
  const width = Math.max(...all.map(([name]) => name.length));
  const table = all.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const found = violations.slice(0, SHOWN).map(({ is, rule, what }) => `${is} [${rule}] ${what}`);
  const more = violations.length > SHOWN ? [`... and ${violations.length - SHOWN} more`] : [];
  return [...table, ...found, ...more].join("\n");
}

/** Rows of the kills, and of the faults of the database. */
export function faultRows(outcome: {
  readonly kills: number;
  readonly moments: Readonly<Record<string, number>>;
  readonly inFlight: readonly number[];
  readonly happened: { readonly fast: number; readonly immediate: number; readonly terminated: number; readonly cut: number };
  readonly workersStarted: number;
}): readonly Row[] {
  const { moments, happened } = outcome;
  const sorted = outcome.inFlight.toSorted((a, b) => a - b);
  return [
    ["kills", outcome.kills],
    ["  by moment", countsOf(moments)],
    [
      "  runs in flight at a kill",
      `least ${sorted[0] ?? 0}, median ${sorted[Math.floor(sorted.length / 2)] ?? 0}, most ${sorted.at(-1) ?? 0}`,
    ],
    ["restarts of the database", happened.fast + happened.immediate],
    ["  by kind", `immediate ${happened.immediate}, fast ${happened.fast}`],
    ["dropped connections", happened.terminated + happened.cut],
    ["  by kind", `terminated ${happened.terminated}, cut at a commit ${happened.cut}`],
    ["workers started", outcome.workersStarted],
  ];
}

export function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} ${times}`)
    .join(", ");
}
