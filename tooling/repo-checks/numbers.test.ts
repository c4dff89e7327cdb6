import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root, run } from "./lib.ts";
import { tableRows } from "./markdown.ts";

/**
 * Invariants (`I5`) and promises (`P9`) are cited in comments, titles of tests and documents, and listed in tables whose first column is
 * the number. As long as no list has a letter, its numbers may be cited freely.
 */
const LISTS = ["docs/architecture.md", "README.md"];

describe("numbers of invariants and promises", () => {
  it("that are cited are listed", () => {
    const found = run("git", ["grep", "-oE", String.raw`\b[IP][1-9][0-9]?\b`, "--", "*.ts", "*.md", ":!*.api.md"]);
    const citations = found.output.trim().split("\n");
    const listed = listedIn(LISTS.map((file) => readFileSync(path.join(root, file), "utf8")));
    expect(citations.length).toBeGreaterThan(100);
    expect(listed.size).toBeGreaterThan(10);
    expect(strangers(citations, listed)).toEqual([]);
  });

  it("are missed when no table has them", () => {
    const listed = listedIn(["| no. | invariant |\n| --- | --- |\n| I1 | one |\n| `I2` | two, unlike I4 |\n| I5, I6 | no number |"]);
    expect([...listed]).toEqual(["I1", "I2"]);
    expect(strangers(["a.ts:I1", "a.ts:I3", "b.ts:I4", "b.ts:P9"], listed)).toEqual(["a.ts:I3", "b.ts:I4"]);
  });
});

function listedIn(texts: readonly string[]): ReadonlySet<string> {
  const ids = texts.flatMap(tableRows).map(([first = ""]) => first.replaceAll("`", ""));
  return new Set(ids.filter((id) => /^[IP][1-9]\d?$/.test(id)));
}

/** Citations (`file:number`) of what no list has. */
function strangers(citations: readonly string[], listed: ReadonlySet<string>): string[] {
  const letters = new Set([...listed].map((id) => id.charAt(0)));
  return citations.filter((citation) => {
    const id = citation.split(":").at(-1) ?? "";
    return letters.has(id.charAt(0)) && !listed.has(id);
  });
}
