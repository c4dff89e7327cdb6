/** What becomes of the database of a fleet, and when: planned before the first process starts. */
import { pick, type Random } from "./random.logic.js";
import type { Fault } from "./verify/fault.js";

/** `fast` and `immediate` are restarts of the server, `terminated` and `cut` are dropped connections. */
export type TroubleName = "fast" | "immediate" | "terminated" | "cut";

export interface Trouble {
  readonly name: TroubleName;
  /** When this many processes were killed. */
  readonly at: number;
}

/** How often each was played. */
export type Played = Readonly<Record<TroubleName, number>>;

export interface TroubleWanted {
  readonly kills: number;
  readonly restarts: number;
  readonly drops: number;
}

/** Spread over the kills, in their order. Every other restart is a crash, the first one too; a drop is one or the other by chance. */
export function planTrouble(random: Random, { kills, restarts, drops }: TroubleWanted): readonly Trouble[] {
  const spread = (index: number, count: number): number => Math.floor(((index + random()) / count) * kills);
  const server = Array.from({ length: restarts }, (_, index): Trouble => {
    return { name: index % 2 === 0 ? "immediate" : "fast", at: spread(index, restarts) };
  });
  const connections = Array.from({ length: drops }, (_, index): Trouble => {
    return { name: pick(random, ["terminated", "cut"]), at: spread(index, drops) };
  });
  return [...server, ...connections].toSorted((a, b) => a.at - b.at);
}

/** Kills and troubles that were asked for and never happened: without them, an outcome says less than it seems to. */
export function unplayedFaults(
  wanted: TroubleWanted,
  { kills, played }: { readonly kills: number; readonly played: Played },
): readonly Fault[] {
  const counts = [
    ["kills", wanted.kills, kills],
    ["restarts", wanted.restarts, played.fast + played.immediate],
    ["dropped connections", wanted.drops, played.terminated + played.cut],
  ] as const;
  return counts
    .filter(([, asked, happened]) => happened !== asked)
    .map(([name, asked, happened]): Fault => ({ is: "wrong", rule: "unplayed", what: `${happened} of ${asked} ${name} happened` }));
}
