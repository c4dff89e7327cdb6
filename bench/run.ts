/**
 * How many inline no-op steps the engine does in a second, beside what the database itself can commit.
 *
 *   node bench/run.ts [--steps 2000] [--rounds 5] [--folder DIR] [--markdown FILE]
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { STEPS_PER_RUN } from "./engine-steps.ts";
import { measure, tableOf } from "./measure.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "2000" },
    rounds: { type: "string", default: "5" },
    folder: { type: "string" },
    markdown: { type: "string" },
  },
});
const steps = count("steps", values.steps);
const rounds = count("rounds", values.rounds);
const rows = await measure({ steps, rounds, folder: values.folder });
const table = tableOf(rows);
const conditions = [
  `Medians of ${rounds} rounds of ${steps} steps (${STEPS_PER_RUN} a run)`,
  `Node ${process.versions.node}, SQLite ${process.versions["sqlite"] ?? "?"}`,
  `${availableParallelism()} processors, ${process.platform}/${process.arch}.`,
].join("; ");
console.log(`${conditions}\n\n${table}`);
if (values.markdown !== undefined) writeFileSync(values.markdown, `${conditions}\n\n${table}\n`);

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} must be a whole number above 0, not '${text}'`);
  process.exit(2);
}
