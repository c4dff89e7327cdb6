/**
 * `pnpm proofs`: the tables that say which tests hold what. Every id has its row, and every test that a row names is one that vitest runs:
 * a test of that file under that title, or a case of that conformance suite, run against some backend.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { judgeTable, type ProofTable } from "./proof-table.ts";
import { conclude, root, run } from "./lib.ts";

const numbers = (last: number): string[] => Array.from({ length: last }, (_, index) => `${index + 1}`);

const DOCUMENTS: Readonly<Record<string, ProofTable>> = {
  "docs/acceptance.md": { header: ["no.", "what must hold", "tests"], ids: numbers(22) },
  "docs/weak-spots.md": {
    header: ["id", "defect", "why it cannot happen here", "tests"],
    ids: numbers(61).map((number) => `W-${number.padStart(2, "0")}`),
  },
  "docs/weak-spots-platform.md": {
    header: ["id", "defect", "why it cannot happen here", "tests"],
    ids: ["02", "21", "22", "50", "51", "53", "54", "55"].map((number) => `PL-${number}`),
  },
};

const tests = listTests();
const problems: string[] = [];
let looked = 0;
for (const [file, table] of Object.entries(DOCUMENTS)) {
  const judged = judgeTable(textOf(file), table, testsOf);
  problems.push(...judged.problems.map((problem) => `${file}: ${problem}`));
  looked += judged.references;
}
console.log(`proofs: ${[...tests.values()].flat().length} tests in ${tests.size} files are run`);
conclude("proofs", looked, "references", problems);

/** Full names by file. Skipped tests are not among them: they prove nothing. */
function listTests(): ReadonlyMap<string, readonly string[]> {
  const file = path.join(root, ".artifacts/tests.json");
  mkdirSync(path.dirname(file), { recursive: true });
  const listed = run("vitest", ["list", `--json=${file}`, "--staticParse=false", "--isolate=false"]);
  if (listed.code !== 0) throw new Error(`vitest could not list the tests:\n${listed.output}`);
  const found = JSON.parse(readFileSync(file, "utf8")) as readonly { readonly name: string; readonly file: string }[];
  const byFile = Map.groupBy(found, (test) => path.relative(root, test.file));
  return new Map([...byFile].map(([name, those]) => [name, those.map((test) => test.name)]));
}

/** The tests of a test file; for a suite, the tests of all files that are named like a case in its text. */
function testsOf(file: string): readonly string[] {
  if (!file.endsWith(".conformance.ts")) return tests.get(file) ?? [];
  const text = textOf(file);
  return [...tests.values()].flat().filter((name) => text.includes(`name: ${JSON.stringify(name.split(" > ").at(-1))}`));
}

function textOf(file: string): string {
  return existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), "utf8") : "";
}
