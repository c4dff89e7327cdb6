import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import type { SampleScript } from "@millrace/executors";
import { expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

const script: SampleScript = {
  turns: [
    { kind: "coder", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "The answer is written." },
    { kind: "merger", plan: [], actions: [], say: '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one small file"}' },
  ],
};

it("F:E9 the status is one screen; clean removes what finished work leaves, and uninstall everything, after asking", async () => {
  await using sandbox = await createRepository();
  expect(await sandbox.here("init", "--no-ci", "--agent", await sandbox.agent(script))).toMatchObject({ code: 0 });
  expect((await sandbox.here("status")).stdout).toBe(
    "nothing to do: add a task with millrace task add\n\nspent this month: $0.00 of $100.00\n",
  );
  const id = (await sandbox.here("task", "add", "Write the answer", "--pipeline", "pl_minimal", "-q")).stdout.trim();
  expect((await sandbox.here("status")).stdout).toContain(`Next (1)\n  ${id}  Write the answer\n`);
  expect(await sandbox.here("start", id)).toMatchObject({ code: 0 });
  expect((await sandbox.here("status")).stdout).toMatch(/^Running \(1\)\n {2}run_\w+ {2}Write the answer: /);
  expect(await sandbox.here("uninstall", "--yes")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("millrace stop run_") as string,
  });
  expect((await sandbox.here("run", id)).code).toBe(0);

  const bare = sandbox.path(".millrace", "repo.git");
  const branches = (): Promise<string> => sandbox.git("--git-dir", bare, "branch", "--format=%(refname:short)");
  expect(await branches()).toContain(`millrace/${id}`);
  const cleaned = await sandbox.here("clean");
  expect(cleaned.stdout).toMatch(/^removed {2}\d+ job folders? \(their transcripts stay\)\nremoved {2}1 branch of merged tasks\nkept/);
  expect(await branches()).toBe("main");
  expect((await sandbox.here("logs", "last")).stdout).toContain("The answer is written.");
  expect((await sandbox.here("diff", id, "--stat")).stdout).toContain("answer.txt  +1 -0");
  expect((await sandbox.here("clean", "--transcripts")).code).toBe(0);
  // The identity of the machine is no work.
  expect(await readdir(sandbox.path(".millrace", "jobs"))).toEqual(["machine.id"]);

  expect(await sandbox.here("uninstall")).toMatchObject({ code: 3, stderr: expect.stringContaining("--yes") as string });
  expect(await sandbox.here("uninstall", "--yes")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("and the git remote 'millrace'") as string,
  });
  expect(existsSync(sandbox.path(".millrace"))).toBe(false);
  expect(await sandbox.git("remote")).toBe("");
  expect((await sandbox.here("tasks")).code).toBe(3);
}, 120_000);
