/** Plan of the faults of a fleet's database, made before the first process starts. */
import { pick, type Random } from "./random.logic.js";
import type { Violation } from "./verify/violation.logic.js";

/** `fast` and `immediate` are restarts of the server; `terminated` and `cut` are dropped connections. */
export type DatabaseFaultKind = "fast" | "immediate" | "terminated" | "cut";

export interface DatabaseFault {
  readonly name: DatabaseFaultKind;
  /** Number of kills after which it happens. */
  readonly at: number;
}

/** Number of faults that happened, by kind. */
export type DatabaseFaultCounts = Readonly<Record<DatabaseFaultKind, number>>;

export interface PlannedCounts {
  readonly kills: number;
  readonly restarts: number;
  readonly drops: number;
}

/** Spreads the faults over the kills. Restarts alternate, beginning with a crash; the kind of a dropped connection is random. */
export function planDatabaseFaults(random: Random, { kills, restarts, drops }: PlannedCounts): readonly DatabaseFault[] {
  const spread = (index: number, count: number): number => Math.floor(((index + random()) / count) * kills);
  const server = Array.from({ length: restarts }, (_, index): DatabaseFault => {
    return { name: index % 2 === 0 ? "immediate" : "fast", at: spread(index, restarts) };
  });
  const connections = Array.from({ length: drops }, (_, index): DatabaseFault => {
    return { name: pick(random, ["terminated", "cut"]), at: spread(index, drops) };
  });
  return [...server, ...connections].toSorted((a, b) => a.at - b.at);
}

/** Violations for workers that ended though nothing had ended them. */
export function deadWorkers(names: readonly string[]): readonly Violation[] {
  return names.map((name) => ({ is: "wrong", rule: "worker-died", what: `${name} ended by itself` }));
}

/** Violations for planned kills and faults that did not happen: without them, the outcome proves less than it claims. */
export function missingFaults(
  wanted: PlannedCounts,
  { kills, happened }: { readonly kills: number; readonly happened: DatabaseFaultCounts },
): readonly Violation[] {
  const counts = [
    ["kills", wanted.kills, kills],
    ["restarts", wanted.restarts, happened.fast + happened.immediate],
    ["dropped connections", wanted.drops, happened.terminated + happened.cut],
  ] as const;
  return counts
    .filter(([, asked, happened]) => happened !== asked)
    .map(([name, asked, happened]): Violation => ({
      is: "wrong",
      rule: "did-not-happen",
      what: `${happened} of ${asked} ${name} happened`,
    }));
}
