import { describe, expect, it } from "vitest";
import { hasBinary, stableDiff } from "./diff-digest.logic.js";

const text = (hunk: string, index = "index 1111111..2222222 100644"): string =>
  `diff --git a/app.txt b/app.txt\n${index}\n--- a/app.txt\n+++ b/app.txt\n${hunk}\n one\n-two\n+2\n three\n`;
const binary = (ids: string): string => `diff --git a/x.png b/x.png\nindex ${ids} 100644\nBinary files a/x.png and b/x.png differ\n`;

describe("what a diff changes", () => {
  it("is the same at other line numbers, under another heading and with other ids", () => {
    expect(stableDiff(text("@@ -1,3 +1,3 @@"))).toBe(stableDiff(text("@@ -41,3 +41,3 @@ function other() {", "index 33..44 100644")));
  });

  it.each([
    ["a changed line", text("@@ -1,3 +1,3 @@").replace("+2", "+3")],
    ["white space in a changed line", text("@@ -1,3 +1,3 @@").replace("+2", "+  2")],
    ["a context line", text("@@ -1,3 +1,3 @@").replace(" one", " eins")],
    ["a path", text("@@ -1,3 +1,3 @@").replaceAll("app.txt", "other.txt")],
    ["a mode", text("@@ -1,3 +1,3 @@", "old mode 100644\nnew mode 100755\nindex 11..22")],
    ["a second hunk", `${text("@@ -1,3 +1,3 @@")}@@ -9 +9 @@\n-x\n+y\n`],
  ])("is another with %s", (_what, other) => {
    expect(stableDiff(other)).not.toBe(stableDiff(text("@@ -1,3 +1,3 @@")));
  });

  it("of a binary file is its ids", () => {
    expect(stableDiff(binary("11..22"))).not.toBe(stableDiff(binary("11..33")));
    expect([hasBinary(binary("11..22")), hasBinary(text("@@ -1,3 +1,3 @@"))]).toEqual([true, false]);
  });

  it("of a rename does not count how similar the files are", () => {
    const rename = (percent: number): string =>
      `diff --git a/old b/new\nsimilarity index ${String(percent)}%\nrename from old\nrename to new\n`;
    expect(stableDiff(rename(90))).toBe(stableDiff(rename(95)));
  });

  it("keeps a changed line that looks like a header", () => {
    const forged = text("@@ -1,3 +1,3 @@").replace("+2", "+index 1..2");
    expect(stableDiff(forged)).not.toBe(stableDiff(text("@@ -1,3 +1,3 @@")));
  });
});
