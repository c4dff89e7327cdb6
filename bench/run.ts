/**
 * Prints one table per question.
 *
 *   node bench/run.ts [--only rate,board] [--small] [--steps N] [--rounds N] [--folder DIR] [--markdown FILE]
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { FULL_SIZES, SMALL_SIZES, markdownOf, type BenchOptions } from "./measure.ts";
import { questions } from "./questions.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    small: { type: "boolean", default: false },
    steps: { type: "string" },
    rounds: { type: "string" },
    folder: { type: "string" },
    markdown: { type: "string" },
  },
});
const sizes = values.small ? SMALL_SIZES : FULL_SIZES;
const options: BenchOptions = {
  ...sizes,
  steps: count("steps", values.steps, sizes.steps),
  rounds: count("rounds", values.rounds, sizes.rounds),
  folder: values.folder,
};
const sqlite = process.versions["sqlite"] ?? "?";
const report = [
  `Node ${process.versions.node}, SQLite ${sqlite}; ${availableParallelism()} processors, ${process.platform}/${process.arch}.\n`,
];
console.log(report[0]);
for (const name of chosen()) {
  const ask = questions.get(name);
  if (ask === undefined) refuse(`--only knows ${[...questions.keys()].join(", ")}, not '${name}'`);
  const text = markdownOf(await ask(options));
  console.log(text);
  report.push(text);
}
if (values.markdown !== undefined) writeFileSync(values.markdown, report.join("\n"));

function chosen(): readonly string[] {
  return values.only === undefined ? [...questions.keys()] : values.only.split(",");
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  return refuse(`--${name} must be a whole number above 0, not '${text}'`);
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
