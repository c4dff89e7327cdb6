/** A small service under git, and what must be on its main branch in the end. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const TASK = {
  title: "Add discount(price, percent)",
  description: "discount.js exports discount(price, percent): the price after taking the percentage off. Test it with node:test.",
};

export const FILES = {
  broken: "export function discount(price, percent) {\n  return price - price * percent;\n}\n",
  wrongLine: "return price - price * percent;",
  rightLine: "return price - (price * percent) / 100;",
  documented:
    "/** The price after taking `percent` (0 to 100) off. */\nexport function discount(price, percent) {\n  return price - (price * percent) / 100;\n}\n",
  documentation: "taking `percent`",
  test: `import assert from "node:assert/strict";
import { test } from "node:test";
import { discount } from "./discount.js";

test("a quarter off", () => assert.equal(discount(80, 25), 60));
`,
} as const;

export function makeService(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ name: "shop", private: true, type: "module" }, null, 2)}\n`);
  writeFileSync(join(folder, "readme.md"), "A shop.\n");
  git(folder, "init", "--quiet", "--initial-branch=main");
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message", "First");
}

export function git(cwd: string, ...args: readonly string[]): string {
  const who = { NAME: "Sample", EMAIL: "sample@millrace.invalid" };
  const identity = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((role) => Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value])),
  );
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", ...identity };
  return execFileSync("git", args, { cwd, env, encoding: "utf8", timeout: 30_000 }).trim();
}
