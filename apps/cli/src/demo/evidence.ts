import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunView, VerdictView } from "@millrace/contracts";
import { git } from "./set-up.js";

/** The verdict that the merge stood on: the last one that was made from checks. Null when there is none. */
export function verdictOf({ steps }: Pick<RunView, "steps">): VerdictView | null {
  return steps.flatMap(({ verdict }) => (verdict === null || verdict.checks.length === 0 ? [] : [verdict])).at(-1) ?? null;
}

/** Runs the service's tests in a fresh clone of what is on `main` now. */
export async function testMain(bare: string): Promise<{ readonly passed: number; readonly failed: number }> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-demo-main-"));
  try {
    await git(folder, "clone", "--quiet", "--branch", "main", bare, "main");
    const report = await nodeTest(join(folder, "main"));
    const count = (name: string): number => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(report)?.[1] ?? Number.NaN);
    return { passed: count("pass"), failed: count("fail") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function nodeTest(cwd: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--test", "--test-reporter=tap"],
      { cwd, env: { PATH: process.env["PATH"] ?? "", HOME: cwd }, timeout: 60_000 },
      (_error, stdout) => resolve(stdout),
    );
  });
}
