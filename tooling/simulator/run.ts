/**
 * Simulates many seeds and prints faults, coverage and outcomes.
 *
 *   pnpm simulate --seeds 20000 [--from 1] [--workers 2] [--pipeline pl_simple]
 *   pnpm simulate --seed 4711 [--pipeline pl_simple]     one seed, with its trace
 *
 * Exit code 1 when a rule was broken, with each such seed and the command that replays it.
 */
import { parseArgs } from "node:util";
import { simulatedPipelines } from "@millrace/tests/simulator";
import { runSeed } from "./run-seed.ts";
import { summary, totalsOf, type Broken } from "./totals.ts";
import { runSeeds } from "./workers.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    workers: { type: "string", default: "1" },
    seed: { type: "string" },
    pipeline: { type: "string" },
  },
});

const { pipeline } = values;
if (pipeline !== undefined && !simulatedPipelines.some(({ id }) => id === pipeline)) {
  console.error(`no pipeline '${pipeline}'; choose one of: ${simulatedPipelines.map(({ id }) => id).join(", ")}`);
  process.exit(2);
}
const only = pipeline === undefined ? "" : ` --pipeline ${pipeline}`;

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`--${name} is a whole number from ${least}, not '${text}'`);
  process.exit(2);
}

function complain(broken: readonly Broken[]): number {
  for (const { seed, rules } of broken) {
    console.log(`seed ${seed} broke:`);
    for (const rule of rules) console.log(`  ${rule}`);
    console.log(`  replay: pnpm simulate --seed ${seed}${only}`);
  }
  return broken.length;
}

async function one(seed: number): Promise<number> {
  const report = await runSeed(seed, pipeline);
  for (const line of report.trace) console.log(line);
  console.log(`${report.commits} commits; ${JSON.stringify(report.outcomes)}`);
  return complain(totalsOf(report).broken);
}

async function many(): Promise<number> {
  const [from, seeds, workers] = [whole("from", values.from, 0), whole("seeds", values.seeds, 1), whole("workers", values.workers, 1)];
  const began = performance.now();
  const totals = await runSeeds({ from, seeds, pipeline, workers });
  const seconds = (performance.now() - began) / 1000;
  const broken = complain(totals.broken);
  console.log(summary(totals));
  const rate = `${(seeds / seconds).toFixed(1)} seeds/s with ${workers} worker(s)`;
  console.log(`${totals.seeds} seeds from ${from}, ${totals.commits} commits, ${broken} seed(s) with violations, ${rate}`);
  return broken;
}

/** A seed that cannot be simulated ends the script, because later ones would fail in the same way. */
try {
  const broken = values.seed === undefined ? await many() : await one(whole("seed", values.seed, 0));
  process.exitCode = broken === 0 ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
