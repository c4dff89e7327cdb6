/** What becomes of the database of a fleet, and when: planned before the first process starts. */
import { pick, type Random } from "./random.logic.js";
import type { Violation } from "./verify/violation.logic.js";

/** `fast` and `immediate` are restarts of the server, `terminated` and `cut` are dropped connections. */
export type DatabaseFaultKind = "fast" | "immediate" | "terminated" | "cut";

export interface DatabaseFault {
  readonly name: DatabaseFaultKind;
  /** When this many processes were killed. */
  readonly at: number;
}

/** How often each was played. */
export type DatabaseFaultCounts = Readonly<Record<DatabaseFaultKind, number>>;

export interface PlannedCounts {
  readonly kills: number;
  readonly restarts: number;
  readonly drops: number;
}

/** Spread over the kills, in their order. Every other restart is a crash, the first one too; a drop is one or the other by chance. */
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

/** Kills and troubles that were asked for and never happened: without them, an outcome says less than it seems to. */
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
    .map(([name, asked, happened]): Violation => ({ is: "wrong", rule: "unplayed", what: `${happened} of ${asked} ${name} happened` }));
}
