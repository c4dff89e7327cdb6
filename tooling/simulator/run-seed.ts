/** Simulation of one seed. */
import { createHash } from "node:crypto";
import { simulate, simulatedPipelines, type SimulationReport } from "@millrace/tests/simulator";

/** As Web Crypto, but synchronous, which is faster for many small texts. */
async function digestText(text: string): Promise<string> {
  return createHash("sha256").update(text).digest("hex");
}

export function runSeed(seed: number, pipeline: string | undefined): Promise<SimulationReport> {
  const pipelines = simulatedPipelines.filter(({ id }) => pipeline === undefined || id === pipeline);
  return simulate({ seed, pipelines, wrap: (ports) => ({ ...ports, digestText }) });
}
