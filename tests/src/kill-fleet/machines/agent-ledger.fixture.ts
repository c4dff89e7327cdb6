/** The ledger of a fleet's real agents, which they write themselves. */
import { readFile } from "node:fs/promises";
import { z } from "zod";

const lineSchema = z.strictObject({ did: z.enum(["begin", "spend", "end"]), key: z.string(), kind: z.string(), micros: z.number() });

/** What agents did under one key. */
export interface AgentWork {
  readonly key: string;
  readonly kind: string;
  /** Number of agents that began, and that ended. */
  readonly begun: number;
  readonly ended: number;
  /** In millionths, over all of them. */
  readonly spentMicros: number;
}

export async function readAgentLedger(path: string): Promise<readonly AgentWork[]> {
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  const work = new Map<string, AgentWork>();
  for (const { did, key, kind, micros } of lines.map((line) => lineSchema.parse(JSON.parse(line)))) {
    const known = work.get(key) ?? { key, kind, begun: 0, ended: 0, spentMicros: 0 };
    work.set(key, {
      ...known,
      begun: known.begun + (did === "begin" ? 1 : 0),
      ended: known.ended + (did === "end" ? 1 : 0),
      spentMicros: known.spentMicros + (did === "spend" ? micros : 0),
    });
  }
  return [...work.values()];
}
