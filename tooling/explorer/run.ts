/**
 * Explores every pipeline of the catalogue, then checks that every mutant is caught.
 *
 *   pnpm explore [--large] [--depth 20] [--states 200000] [--only merger] [--no-mutants]
 *
 * `--large` includes the pipelines with many states. `--only` explores the pipelines and broken engines that have the text in their name. `--depth` and `--states` bound an exploration, which is then reported as cut.
 * Exit code 1 when an invariant is broken (with the shortest path to it) or a mutant is not caught.
 */
import { parseArgs } from "node:util";
import { explore, explorerCatalogue, explorerMutants, type ExplorerPipeline } from "@millrace/tests/explorer";

const { values } = parseArgs({
  options: {
    large: { type: "boolean", default: false },
    depth: { type: "string" },
    states: { type: "string", default: "200000" },
    only: { type: "string", default: "" },
    "no-mutants": { type: "boolean", default: false },
  },
});
const maxDepth = values.depth === undefined ? {} : { maxDepth: whole("depth", values.depth) };
const maxStates = whole("states", values.states);

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} is a whole number, not '${text}'`);
  process.exit(2);
}

const WIDTHS = [64, 8, 12, 10, 6, 8, 0];

function row(...cells: readonly (string | number)[]): void {
  console.log(
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(WIDTHS[0] ?? 0) : String(cell).padStart(WIDTHS[index] ?? 0))).join(" "),
  );
}

interface Totals {
  states: number;
  transitions: number;
  refusals: number;
  violations: number;
}

function exploreOne({ name, steps, faults = {} }: ExplorerPipeline, totals: Totals): void {
  const began = performance.now();
  const report = explore({ steps, faults, maxStates, ...maxDepth });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  row(name, report.states, report.transitions, report.refusals, report.depth, seconds, report.cut ? "  cut" : "  all of it");
  totals.states += report.states;
  totals.transitions += report.transitions;
  totals.refusals += report.refusals;
  totals.violations += report.violations.length;
  for (const { invariant, message, trace } of report.violations) console.log(`  ${invariant}: ${message}\n    ${trace.join("\n    ")}`);
}

function exploreAll(): number {
  const totals: Totals = { states: 0, transitions: 0, refusals: 0, violations: 0 };
  const pipelines = explorerCatalogue.filter(({ name, isLarge }) => (values.large || isLarge !== true) && name.includes(values.only));
  const began = performance.now();
  row("pipeline", "states", "transitions", "refusals", "depth", "seconds", "  explored");
  for (const pipeline of pipelines) exploreOne(pipeline, totals);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  row(`${pipelines.length} pipelines, ${totals.violations} violations`, totals.states, totals.transitions, totals.refusals, "", seconds);
  return totals.violations;
}

function catchAll(): number {
  let missed = 0;
  const mutants = explorerMutants.filter(({ name }) => name.includes(values.only));
  console.log(`\n${"a broken engine".padEnd(56)} is caught by`);
  for (const { name, engine, steps, faults = {}, caughtBy } of mutants) {
    const { violations } = explore({ steps, engine, faults, until: caughtBy, maxStates });
    const caught = violations.find(({ invariant }) => invariant === caughtBy);
    if (caught === undefined) missed += 1;
    console.log(`${name.padEnd(56)} ${caught === undefined ? "MISSED" : `${caughtBy.padEnd(4)} ${caught.message}`}`);
  }
  console.log(`${mutants.length - missed} of ${mutants.length} broken engines caught`);
  return missed;
}

const broken = exploreAll() + (values["no-mutants"] ? 0 : catchAll());
process.exit(broken === 0 ? 0 : 1);
