import type { SampleScript } from "@millrace/executors";
import { expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

const script: SampleScript = {
  turns: [{ kind: "architect", plan: [], actions: [], say: "# Design\n\nWrite it." }],
};
const designed = { id: "pl_designed_only", name: "Design", steps: [{ kind: "architect" }] };

it("F:E9 several tasks run at once; lists are filtered, tasks have short names and costs, logs go over all runs of a task", async () => {
  await using sandbox = await createRepository();
  const agent = await sandbox.agent(script);
  expect(await sandbox.here("init", "--no-ci", "--agent", agent)).toMatchObject({ code: 0 });
  expect(await sandbox.hereWith(JSON.stringify(designed), "pipeline", "add", "-")).toMatchObject({ code: 0 });
  expect(await sandbox.here("config", "set", "pipeline", designed.id)).toMatchObject({ code: 0 });
  const add = async (...words: readonly string[]): Promise<string> => (await sandbox.here("task", "add", ...words, "-q")).stdout.trim();
  const reject = await add("Reject negative amounts", "--type", "bug");
  const round = await add("Round up");
  await add("Reject old orders");

  expect(await sandbox.here("run", "reject", "round-up")).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/'reject' is the name of 2 tasks: blk_.*Reject negative/) as string,
  });
  expect((await sandbox.here("runs")).stdout).toContain("no run yet");
  const ran = await sandbox.here("run", "reject-neg", "round-up");
  expect(ran).toMatchObject({ code: 0 });
  expect((await sandbox.here("runs", "--status", "done", "-q")).stdout.trim().split("\n")).toHaveLength(2);
  expect((await sandbox.here("runs", "--status", "live")).stdout).toContain("no run is like that");
  expect((await sandbox.here("runs", "--type", "bug", "-q")).stdout.trim().split("\n")).toHaveLength(1);
  expect((await sandbox.here("tasks", "--type", "bug", "-q")).stdout).toBe(`${reject}\n`);
  expect((await sandbox.here("tasks", "--service", "nope")).code).toBe(3);
  expect((await sandbox.here("tasks", "--cost")).stdout).toMatch(/COST[^]*\$0\.00/);

  expect((await sandbox.here("run", round)).code).toBe(0);
  const logs = await sandbox.here("logs", "round-up");
  expect(logs.stdout.match(/^##### run_/gm)).toHaveLength(2);
  expect(logs.stdout.match(/=== step 1 architect: /g)?.length).toBeGreaterThanOrEqual(2);
  const followed = await sandbox.here("logs", "last", "--follow", "--json");
  expect(followed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{"type":"log"/) as string });
  expect((await sandbox.here("show", "reject-neg")).stdout).toContain("Reject negative amounts");
}, 120_000);
