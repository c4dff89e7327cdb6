/**
 * `pnpm proofs`: the tables that say which tests hold what. Every id has its row, and every test that a row names is one that vitest runs:
 * a test of that file under that title, or a case of that conformance suite, run against some backend.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { judgeTable, judgeTables, type ProofTable } from "./proof-table.ts";
import { conclude, root, run } from "./lib.ts";

const numbers = (last: number): string[] => Array.from({ length: last }, (_, index) => `${index + 1}`);

const SPOTS = ["id", "defect", "why it cannot happen here", "tests"];
const FAULTS = ["row", "what was wrong", "what holds now", "siblings found elsewhere", "put back, it is noticed by", "tests"];

const ATTACKS = ["row", "what it does", "what holds", "where", "tests"];

const faults = (under: string, ids: readonly string[]): ProofTable => ({
  header: FAULTS,
  ids,
  under,
  mayName: "put back, it is noticed by",
});
const rows = (letter: string, last: number): string[] => numbers(last).map((number) => `${letter}${number}`);

const DOCUMENTS: readonly (readonly [file: string, table: ProofTable])[] = [
  ["docs/acceptance.md", { header: ["no.", "what must hold", "tests"], ids: numbers(22) }],
  ["docs/weak-spots.md", { header: SPOTS, ids: numbers(61).map((number) => `W-${number.padStart(2, "0")}`) }],
  ["docs/weak-spots-platform.md", { header: SPOTS, ids: ["02", "21", "22", "50", "51", "53", "54", "55"].map((number) => `PL-${number}`) }],
  ["docs/faults.md", faults("A. What a merge stands on", rows("A", 15))],
  ["docs/faults.md", faults("B. Money", rows("B", 4))],
  ["docs/faults.md", faults("C. Good work arrives", rows("C", 16))],
  ["docs/faults.md", faults("D. Loops that do their job", rows("D", 6))],
  ["docs/faults.md", faults("E. At the terminal", [...rows("E", 9), "E8b"])],
  ["docs/faults.md", faults("Hostile agents and boards", ["S3", "S8"])],
  ["docs/hostile-agents.md", { header: ATTACKS, ids: rows("S", 15), under: "What was found" }],
  ["docs/hostile-agents.md", { header: ATTACKS, ids: rows("X", 28), under: "More" }],
];

const OPERATIONS = ["id", "operation", "tests"];
/** Rows of the work list by module, and those that belong to parts which are still to come. */
const ROWS: Readonly<Record<string, { readonly last: number; readonly later?: readonly number[] }>> = {
  ACC: { last: 11 },
  USR: { last: 10 },
  AUT: { last: 12 },
  INV: { last: 6 },
  WSP: { last: 11 },
  BRD: { last: 17, later: [4] },
  SCN: { last: 2 },
  PIP: { last: 10 },
  PRE: { last: 6 },
  MOD: { last: 6, later: [2] },
  FRG: { last: 11, later: [7, 8, 9] },
  SET: { last: 4 },
  SVC: { last: 7 },
  RUN: { last: 28 },
  RVW: { last: 6 },
  EVT: { last: 5, later: [3] },
  RET: { last: 4 },
  ADM: { last: 10, later: [4, 9, 10] },
};
const idsOf = (isLater: boolean): string[] =>
  Object.entries(ROWS).flatMap(([module, { last, later = [] }]) =>
    numbers(last)
      .filter((number) => later.includes(Number(number)) === isLater)
      .map((number) => `${module}-${number.padStart(2, "0")}`),
  );

const tests = listTests();
const problems: string[] = [];
let looked = 0;
for (const [file, table] of DOCUMENTS) {
  const judged = judgeTable(textOf(file), table, testsOf);
  problems.push(...judged.problems.map((problem) => `${file}: ${problem}`));
  looked += judged.references;
}
const pages = readdirSync(path.join(root, "docs/operations")).map((name) => `docs/operations/${name}`);
const operations = judgeTables(
  pages.map((page) => textOf(page).split("\n## ")[0] ?? ""),
  { header: OPERATIONS, ids: idsOf(false), also: idsOf(true), mayBeLeftOut: true, isTitledById: true },
  testsOf,
);
problems.push(...operations.problems.map((problem) => `docs/operations: ${problem}`));
looked += operations.references;
for (const page of pages.filter((one) => textOf(one).includes("\n## Weak spots\n"))) {
  const rowsOf = [...(textOf(page).split("\n## Weak spots\n")[1] ?? "").matchAll(/^\| (?<id>[^ |]+) \|/gm)].map(
    ({ groups }) => groups?.["id"] ?? "",
  );
  const ids = rowsOf.filter((id) => id !== "id" && !/^-+$/.test(id));
  const judged = judgeTable(textOf(page), { header: SPOTS, ids, under: "Weak spots" }, testsOf);
  problems.push(...judged.problems.map((problem) => `${page}: ${problem}`));
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
