/**
 * The tables that say which tests hold what (docs/acceptance.md, docs/weak-spots.md): every id has its row, and every test
 * a row names exists under that title in a file that vitest runs, or is a case of a conformance suite that such a file runs. Then tables that are wrong in one way each: a check that takes one must
 * not pass.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { conclude, root } from "./lib.ts";
import { judgeTable, type ProofTable, type TitlesOf } from "./proof-table.ts";
import { isReached, isTestFile } from "./test-files.ts";
import { caseNames, testTitles } from "./test-titles.ts";

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

const read = new Map<string, ReturnType<TitlesOf>>();
const problems: string[] = [];
let looked = 0;
for (const [file, table] of Object.entries(DOCUMENTS)) {
  const text = existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), "utf8") : "";
  const judged = judgeTable(text, table, titlesOf);
  problems.push(...judged.problems.map((problem) => `${file}: ${problem}`));
  if (judged.references === 0) problems.push(`${file}: holds no reference`);
  looked += judged.references;
}
problems.push(...blindSpots());
conclude("proofs", looked, "references", problems);

function titlesOf(file: string): ReturnType<TitlesOf> {
  const known = read.get(file) ?? titlesIn(file);
  read.set(file, known);
  return known;
}

function titlesIn(file: string): ReturnType<TitlesOf> {
  const absolute = path.join(root, file);
  if (!existsSync(absolute)) return "does not exist";
  if (isTestFile(absolute)) return testTitles(file, readFileSync(absolute, "utf8"));
  if (!file.endsWith(".conformance.ts")) return "is in no vitest project: it is never run";
  return isReached(absolute) ? caseNames(file, readFileSync(absolute, "utf8")) : "is a suite that no test file runs";
}

/** What the check would not see, if it were blind. */
function blindSpots(): string[] {
  const table: ProofTable = { header: ["no.", "tests"], ids: ["1", "2"] };
  const source = [
    'it("plain", () => {}); test.each([1])("each %s", () => {}); it(`of ${name}`, () => {});',
    'it.skip("skipped", () => {}); describe("group", () => {}); // it("in a comment", () => {})',
    'const text = `it("in a string", () => {})`; unit("not a test", () => {});',
  ].join("\n");
  const cases = 'const cases = [{ name: "case", run() {} }, { name: "no case" }, { run() { it("inside", () => {}); } }];';
  const world: TitlesOf = (file) => {
    if (file === "a.conformance.ts") return caseNames(file, cases);
    return file === "a.test.ts" ? testTitles(file, source) : "does not exist";
  };
  const judge = (...rows: string[]): readonly string[] =>
    judgeTable(["| no. | tests |", "| --- | --- |", ...rows].join("\n"), table, world).problems;
  const one = "| 1 | `a.test.ts` › `plain` |";
  const two = (cell: string): string => `| 2 | ${cell} |`;
  const sound = judge(one, two("`a.test.ts` › `each %s`<br>`a.test.ts` › `of ${name}`<br>`a.conformance.ts` › `case`<br>open: the rest"));
  const broken: readonly [what: string, found: readonly string[]][] = [
    ["a row that is missing", judge(one)],
    ["a row that is there twice", judge(one, one, two("`a.test.ts` › `plain`"))],
    ["a row of no known id", judge(one, two("`a.test.ts` › `plain`"), "| 3 | `a.test.ts` › `plain` |")],
    ["a cell too many", judge(one, "| 2 | `a.test.ts` › `plain` | `a.test.ts` › `plain` |")],
    ["a row without a test", judge(one, two(""))],
    ["a row that only admits something", judge(one, two("open: nobody wrote it"))],
    ["words instead of a test", judge(one, two("`a.test.ts` › `plain`<br>see above"))],
    ["a file that does not exist", judge(one, two("`b.test.ts` › `plain`"))],
    ["what is no case of a suite", judge(one, two("`a.conformance.ts` › `no case`"))],
    ["another header", judgeTable(`| no. | proof |\n${one}\n${two("`a.test.ts` › `plain`")}`, table, world).problems],
    ["no table at all", judgeTable("", table, world).problems],
    ...["other words", "skipped", "group", "in a comment", "in a string", "not a test", "plain, and more"].map(
      (title): [string, readonly string[]] => [`the title '${title}'`, judge(one, two(`\`a.test.ts\` › \`${title}\``))],
    ),
  ];
  const accepted = broken.filter(([, found]) => found.length === 0).map(([what]) => `the check is blind: it accepts ${what}`);
  const unread = [
    "tooling/repo-checks/fixtures/impure.ts",
    "tooling/repo-checks/fixtures/unused.conformance.ts",
    "packages/none/src/none.test.ts",
  ]
    .filter((file) => typeof titlesIn(file) !== "string")
    .map((file) => `the check is blind: it reads ${file}, which is no test that runs`);
  return [...sound.map((problem) => `the check sees a fault that is none: ${problem}`), ...accepted, ...unread];
}
