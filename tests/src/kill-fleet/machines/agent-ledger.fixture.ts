/** The ledger of a fleet's real agents, which they write themselves. */
import { readFile } from "node:fs/promises";
import { z } from "zod";

const lineSchema = z.strictObject({
  did: z.enum(["begin", "spend", "work", "end"]),
  key: z.string(),
  kind: z.string(),
  micros: z.number(),
});

/** What agents did under one key. */
export interface AgentWork {
  readonly key: string;
  readonly kind: string;
  /** Number of agents that began, and that ended. */
  readonly begun: number;
  readonly ended: number;
  /** In millionths, over all of them. */
  readonly spentMicros: number;
  /** Numbers of the first and the last line of it: a ledger is in the order in which things were done. */
  readonly first: number;
  readonly last: number;
}

export async function readAgentLedger(path: string): Promise<readonly AgentWork[]> {
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  let number = 0;
  const work = new Map<string, AgentWork>();
  for (const { did, key, kind, micros } of lines.map((line) => lineSchema.parse(JSON.parse(line)))) {
    number += 1;
    const known = work.get(key) ?? { key, kind, begun: 0, ended: 0, spentMicros: 0, first: number, last: number };
    work.set(key, {
      ...known,
      last: number,
      begun: known.begun + (did === "begin" ? 1 : 0),
      ended: known.ended + (did === "end" ? 1 : 0),
      spentMicros: known.spentMicros + (did === "spend" ? micros : 0),
    });
  }
  return [...work.values()];
}
