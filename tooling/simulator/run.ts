/**
 * Runs the simulator over many seeds and says what it met.
 *
 *   node tooling/simulator/run.ts --seeds 20000 [--from 1] [--pipeline pl_simple]
 *   node tooling/simulator/run.ts --seed 4711 [--pipeline pl_simple]     one seed, with its trace
 *
 * Ends with 1 when a rule was broken, after printing each seed that broke one and the command that replays it.
 */
import { parseArgs } from "node:util";
import { builtInPipelines } from "@millrace/orchestration";
import { simulate, type SimulationReport } from "@millrace/testing";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    pipeline: { type: "string" },
  },
});

const pipelines = builtInPipelines.filter(({ id }) => values.pipeline === undefined || id === values.pipeline);
if (pipelines.length === 0) {
  console.error(`no pipeline '${values.pipeline}'; choose one of: ${builtInPipelines.map(({ id }) => id).join(", ")}`);
  process.exit(2);
}
const only = values.pipeline === undefined ? "" : ` --pipeline ${values.pipeline}`;
const from = whole("from", values.from);
const seeds = whole("seeds", values.seeds);

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} is a whole number, not '${text}'`);
  process.exit(2);
}

function add(totals: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + count);
}

function table(title: string, totals: ReadonlyMap<string, number>): void {
  console.log(`${title}:`);
  for (const [name, count] of [...totals].toSorted(([a], [b]) => (a < b ? -1 : 1))) console.log(`  ${name.padEnd(28)} ${count}`);
}

function complain(report: SimulationReport): void {
  console.log(`seed ${report.seed} broke:`);
  for (const { rule, message } of report.violations) console.log(`  ${rule}: ${message}`);
  console.log(`  replay: node tooling/simulator/run.ts --seed ${report.seed}${only}`);
}

/** A seed that cannot be played says so with its number, and ends the script: the ones after it would say the same. */
async function lived(seed: number): Promise<SimulationReport> {
  try {
    return await simulate({ seed, pipelines });
  } catch (error) {
    console.error(`seed ${seed} cannot be played${only}:`, error);
    process.exit(2);
  }
}

async function one(seed: number): Promise<number> {
  const report = await lived(seed);
  for (const line of report.trace) console.log(line);
  console.log(`${report.commits} commits; ${JSON.stringify(report.outcomes)}`);
  if (report.violations.length > 0) complain(report);
  return report.violations.length;
}

async function many(): Promise<number> {
  const [faults, outcomes] = [new Map<string, number>(), new Map<string, number>()];
  let [broken, commits] = [0, 0];
  const began = performance.now();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const report = await lived(seed);
    add(faults, report.faults);
    add(outcomes, report.outcomes);
    commits += report.commits;
    if (report.violations.length === 0) continue;
    broken += 1;
    complain(report);
  }
  const seconds = (performance.now() - began) / 1000;
  table("faults", faults);
  table("outcomes", outcomes);
  console.log(
    `${seeds} seeds from ${from} over ${pipelines.length} pipelines, ${commits} commits, ${broken} seed(s) with violations, ${(seeds / seconds).toFixed(1)} seeds/s`,
  );
  return broken;
}

const broken = values.seed === undefined ? await many() : await one(whole("seed", values.seed));
process.exit(broken === 0 ? 0 : 1);
