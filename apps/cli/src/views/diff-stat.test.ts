import { describe, expect, it } from "vitest";
import { diffStat } from "./diff-stat.logic.js";

const head = (path: string, rest: string): string => `diff --git a/${path} b/${path}\n${rest}\n`;

describe("F:E9 the statistics of a diff", () => {
  it.each([
    ["nothing", "", []],
    [
      "a change",
      head("src/a b.ts", "--- a/src/a b.ts\n+++ b/src/a b.ts\n@@ -1,2 +1,3 @@\n one\n-two\n+zwei\n+drei"),
      [["src/a b.ts", 2, 1]],
    ],
    ["a new file", head("n.txt", "new file mode 100644\n--- /dev/null\n+++ b/n.txt\n@@ -0,0 +1 @@\n+x"), [["n.txt", 1, 0]]],
    ["a removed file", head("n.txt", "deleted file mode 100644\n--- a/n.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x"), [["n.txt", 0, 1]]],
    ["a removed line that looks like a head", head("a.sql", "--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1 @@\n--- comment\n x"), [["a.sql", 0, 1]]],
    ["a binary file", head("logo.png", "Binary files a/logo.png and b/logo.png differ"), [["logo.png", null, null]]],
    ["a rename", "diff --git a/old.ts b/newer.ts\nsimilarity index 100%\nrename from old.ts\nrename to newer.ts\n", [["newer.ts", 0, 0]]],
    [
      "two files, one without a line break at its end",
      head("a", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y") +
        head("b", "--- a/b\n+++ b/b\n@@ -1 +1,2 @@\n x\n+y"),
      [
        ["a", 1, 1],
        ["b", 1, 0],
      ],
    ],
  ])("counts %s", (_what, diff, expected) => {
    expect(diffStat(diff).map(({ path, added, removed }) => [path, added, removed])).toEqual(expected);
  });
});
