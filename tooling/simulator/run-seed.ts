/** One seed on this machine. */
import { createHash } from "node:crypto";
import { simulate, simulatedPipelines, type SimulationReport } from "@millrace/tests/simulator";

/** The same digests as Web Crypto gives, without a trip to another thread for each. */
async function digestText(text: string): Promise<string> {
  return createHash("sha256").update(text).digest("hex");
}

export function runSeed(seed: number, pipeline: string | undefined): Promise<SimulationReport> {
  const pipelines = simulatedPipelines.filter(({ id }) => pipeline === undefined || id === pipeline);
  return simulate({ seed, pipelines, wrap: (ports) => ({ ...ports, digestText }) });
}
