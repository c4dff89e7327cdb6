/** Plan of what happens to the machines of a fleet, beside kills; made before the first process starts. */
import { pick, type Random } from "../random.logic.js";
import type { Violation } from "../verify/violation.logic.js";

export const MISHAPS = [
  "deleted-file",
  "deleted-folder",
  "left-lock",
  "stopped-worker",
  "stopped-supervisor",
  "clock-step",
  "full-disk",
  "dead-machine",
] as const;
/**
 * `deleted-file` and `deleted-folder` are of a job in flight; `left-lock` is git's, in a bare repository or a clone; what is stopped goes on
 * after more than a lease; `full-disk` is that of the jobs; a `dead-machine` is back after more than a lease.
 */
export type Mishap = (typeof MISHAPS)[number];
export type MishapCounts = Readonly<Record<Mishap, number>>;

export interface PlannedMishap {
  readonly name: Mishap;
  /** Number of kills after which it happens. */
  readonly at: number;
  /** Seed of what it happens to. */
  readonly seed: number;
}

/** One mishap for so many kills. */
const KILLS_PER: MishapCounts = {
  "deleted-file": 10,
  "deleted-folder": 10,
  "left-lock": 6,
  "stopped-worker": 16,
  "stopped-supervisor": 16,
  "clock-step": 8,
  "full-disk": 16,
  "dead-machine": 16,
};

/** What is possible of everything, for that many kills: at least one of each. */
export function countMishaps(kills: number, impossible: ReadonlySet<Mishap>): MishapCounts {
  const count = (name: Mishap): number => (impossible.has(name) ? 0 : Math.max(1, Math.round(kills / KILLS_PER[name])));
  return mishapCounts(count);
}

export function mishapCounts(count: (name: Mishap) => number): MishapCounts {
  return Object.fromEntries(MISHAPS.map((name) => [name, count(name)])) as MishapCounts;
}

/** Spreads the mishaps over the kills. */
export function planMishaps(random: Random, kills: number, counts: MishapCounts): readonly PlannedMishap[] {
  const planned = MISHAPS.flatMap((name) =>
    Array.from({ length: counts[name] }, (_, index): PlannedMishap => {
      const at = Math.floor(((index + random()) / counts[name]) * kills);
      return { name, at, seed: Math.floor(random() * 2 ** 31) };
    }),
  );
  return planned.toSorted((a, b) => a.at - b.at);
}

/** Steps of a clock, in s, from where it is to a random other place at most an hour from the true time. */
export function nextOffset(random: Random, offset: number): number {
  return pick(
    random,
    [-3600, -600, 0, 600, 3600].filter((other) => other !== offset),
  );
}

/** Violations for mishaps that did not happen: without them, the outcome proves less than it claims. */
export function missingMishaps(wanted: MishapCounts, happened: MishapCounts): readonly Violation[] {
  return MISHAPS.filter((name) => happened[name] !== wanted[name]).map((name) => ({
    is: "wrong",
    rule: "did-not-happen",
    what: `${name} happened ${happened[name]} of ${wanted[name]} times`,
  }));
}
