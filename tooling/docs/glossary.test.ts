import { describe, expect, it } from "vitest";
import { run } from "../repo-checks/lib.ts";
import { tableOf, textOf } from "./documents.ts";

const HEADER = ["word", "meaning", "symbol"];
const sections = textOf("docs/glossary.md")
  .split("\n## ")
  .slice(1)
  .map((text) => ({ name: text.split("\n")[0] ?? "", rows: tableOf(text, HEADER) }));
const words = sections.flatMap(({ rows }) => rows.map(([word]) => word));

/** Texts of the sources of every package, tests left out. */
const sources = run("git", ["ls-files", "packages/*/src/*.ts", "tests/src/*.ts"])
  .output.split("\n")
  .filter((file) => file.endsWith(".ts") && !/\.(?:test|fixture)\.ts$/.test(file))
  .map(textOf);

describe.each(sections)("$name", ({ rows }) => {
  it.each(rows)("%s", (_word, meaning, symbol) => {
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    const name = /^`(?<name>\w+(?:\.\w+)?)`$/.exec(symbol ?? "")?.groups?.["name"];
    expect(name).toSatisfy(isDeclared);
  });
});

it("has every word once", () => {
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
});

it("knows what is declared, and what is not", () => {
  const names = ["Run", "Run.cursor", "Store.commit", "CAP_WAIT", "RunGone", "Run.gone", "run-started"];
  expect(names.filter(isDeclared)).toEqual(["Run", "Run.cursor", "Store.commit", "CAP_WAIT"]);
});

/** Exported under that name; a member stands in the file of its type, or of the schema that the type is inferred from. */
function isDeclared(symbol: string | undefined): boolean {
  const [name, member] = (symbol ?? "").split(".");
  const exported = new RegExp(`^export (?:declare |abstract |async )*(?:const|function\\*?|class|interface|type|enum) ${name}\\b`, "m");
  return sources.some((text) => exported.test(text) && (member === undefined || new RegExp(`\\b${member}\\b`).test(text)));
}
