/**
 * Mutation check of the decider: changes it in small ways, one at a time, and asks the tests to notice each.
 *
 *   pnpm mutation [--files GLOB]... [--static] [--fresh]
 *
 * `--static` includes mutants of what a module is made of when it loads, each in a process of its own. Without `--files` all of the decider, and docs/mutation.md is rewritten. Exit code 1: a mutant survived that
 * survivors.ts does not explain, or it explains one that no longer survives.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { DECIDER, strykerOptions } from "./options.ts";
import { markdown, read, summarise, type CountedMutant } from "./report.ts";
import { survivors } from "./survivors.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseArgs({
  options: {
    files: { type: "string", multiple: true },
    static: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
  },
});
const whole = values.files === undefined;

process.chdir(root);
const results = await new Stryker(strykerOptions(values.files ?? DECIDER, values)).runMutationTest();
const mutants = results.map((result) => read(result, root, (file) => readFileSync(join(root, file), "utf8")));
const summary = summarise(mutants, survivors);

for (const { file, detected, judged } of summary.files)
  console.log(`${String(detected).padStart(5)} of ${String(judged).padEnd(5)} ${file}`);
const unexplained = summary.undetected.filter((one) => one.why === null);
for (const { mutant } of unexplained) console.error(`survived: ${place(mutant)}\n  - ${mutant.was}\n  + ${mutant.becomes}`);
const stale = whole ? summary.stale : [];
for (const one of stale) console.error(`explained, but did not survive: ${one.file}: ${one.was} => ${one.becomes}`);
console.log(
  `mutation: ${summary.detected} of ${summary.judged} mutants noticed, ${summary.undetected.length} survived, ${unexplained.length} of them unexplained`,
);
if (whole) writeFileSync(join(root, "docs/mutation.md"), markdown(summary));
process.exitCode = unexplained.length + stale.length > 0 ? 1 : 0;

function place(mutant: CountedMutant): string {
  return `${mutant.file}:${mutant.line} (${mutant.mutator}${mutant.status === "NoCoverage" ? ", no test comes here" : ""})`;
}
