import { describe, expect, it } from "vitest";
import { judgeTable, judgeTables, type ProofTable, type TestsOf } from "./proof-table.ts";

const table: ProofTable = { header: ["no.", "tests"], ids: ["1", "2"] };
const RUN: Readonly<Record<string, readonly string[]>> = {
  "a.test.ts": ["plain", "group > each apple", "group > each pear (twice)", "group > of 3 things"],
  "a.conformance.ts": ["store conformance: memory > group > case"],
};
const testsOf: TestsOf = (file) => RUN[file] ?? [];
const one = "| 1 | `a.test.ts` › `plain` |";
const two = (cell: string): string => `| 2 | ${cell} |`;
const judge = (...rows: string[]) => judgeTable(["| no. | tests |", "| --- | --- |", ...rows].join("\n"), table, testsOf);

describe("a table of proofs", () => {
  it("is sound when every id has a row and every test of it is run", () => {
    const cell = "`a.test.ts` › `each %s (twice)`<br>`a.test.ts` › `of ${count} things`<br>`a.conformance.ts` › `case`<br>open: the rest";
    expect(judge(one, two(cell))).toEqual({ references: 4, problems: [] });
  });

  it.each<[fault: string, rows: readonly string[]]>([
    ["a row that is missing", [one]],
    ["a row that is there twice", [one, one, two("`a.test.ts` › `plain`")]],
    ["a row of no known id", [one, two("`a.test.ts` › `plain`"), "| 3 | `a.test.ts` › `plain` |"]],
    ["a cell too many", [one, "| 2 | `a.test.ts` › `plain` | `a.test.ts` › `plain` |"]],
    ["a row without a test", [one, two("")]],
    ["a row that only admits something", [one, two("open: not written")]],
    ["words instead of a test", [one, two("`a.test.ts` › `plain`<br>see above")]],
    ["a file that runs no test", [one, two("`b.test.ts` › `plain`")]],
    ["a case that no suite has", [one, two("`a.conformance.ts` › `no case`")]],
    ["a title of no test", [one, two("`a.test.ts` › `other words`")]],
    ["the name of a group", [one, two("`a.test.ts` › `group`")]],
    ["the end of a title", [one, two("`a.test.ts` › `apple`")]],
    ["the beginning of a title", [one, two("`a.test.ts` › `each pear`")]],
    ["a title that would fit any test", [one, two("`a.test.ts` › `%s`")]],
  ])("is refused for %s", (_fault, rows) => {
    expect(judge(...rows).problems).toHaveLength(1);
  });

  it("is the one under its heading, and another column may name tests between its words", () => {
    const sections = [
      "# title",
      "## A",
      "| no. | seen by | tests |",
      "| 1 | words<br>`a.test.ts` › `none` | `a.test.ts` › `plain` |",
      "## B",
      "| x |",
    ];
    const header = ["no.", "seen by", "tests"];
    expect(judgeTable(sections.join("\n"), { header, ids: ["1"], under: "A", mayName: "seen by" }, testsOf)).toEqual({
      references: 2,
      problems: ["1: a.test.ts: has no test 'none'"],
    });
    expect(judgeTable(sections.join("\n"), { header, ids: ["1"], under: "C" }, testsOf).problems).toHaveLength(2);
  });

  it("is refused for another header, and for none", () => {
    expect(judgeTable(`| no. | proof |\n${one}\n${two("`a.test.ts` › `plain`")}`, table, testsOf).problems).toHaveLength(1);
    expect(judgeTable("", table, testsOf).problems).toHaveLength(3);
  });
});

describe("a table over several pages, of rows that may be left out", () => {
  const rows: ProofTable = { ...table, ids: ["A-01", "B-02"], also: ["C-03"], mayBeLeftOut: true, isTitledById: true };
  const titled: TestsOf = () => ["A-01 works", "B-01 B-02 work", "works too"];
  const page = (...lines: readonly string[]): string => ["| no. | tests |", "| --- | --- |", ...lines].join("\n");
  const judgePages = (...texts: readonly string[]) => judgeTables(texts, rows, titled).problems;

  it("is sound when each row names a test of its own id, or says why nothing is built", () => {
    const first = page("| A-01 | `a.test.ts` › `A-01 works`<br>`a.test.ts` › `works too` |");
    expect(judgePages(first, page("| B-02 | `a.test.ts` › `B-01 B-02 work` |"))).toEqual([]);
    expect(
      judgePages(first, page("| B-02 | left out: it needs what is to come |", "| C-03 | left out: it needs what is to come |")),
    ).toEqual([]);
  });

  it.each([
    ["names tests of other ids only", page("| A-01 | `a.test.ts` › `works too` |"), page("| B-02 | `a.test.ts` › `B-01 B-02 work` |")],
    ["gives no reason", page("| A-01 | `a.test.ts` › `A-01 works` |"), page("| B-02 | left out: |")],
    [
      "is on two pages",
      page("| A-01 | `a.test.ts` › `A-01 works` |", "| B-02 | `a.test.ts` › `B-01 B-02 work` |"),
      page("| A-01 | `a.test.ts` › `A-01 works` |"),
    ],
  ])("is refused for a row that %s", (_fault, ...texts) => {
    expect(judgePages(...texts).length).toBeGreaterThan(0);
  });
});
