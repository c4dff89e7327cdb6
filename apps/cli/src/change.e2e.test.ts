import type { SampleScript } from "@millrace/executors";
import { expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

const SCORES = '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one small file"}';
const script: SampleScript = {
  turns: [
    { kind: "coder", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "The answer is written." },
    { kind: "merger", plan: [], actions: [], say: SCORES },
  ],
};
const delivered = { id: "pl_delivered", name: "No merge", steps: [{ kind: "coder" }, { kind: "ci" }] };

it("F:E9 a task's change, branch and pull request are looked up, before its merge and after it", async () => {
  await using sandbox = await createRepository();
  const agent = await sandbox.agent(script);
  expect(await sandbox.here("init", "--check", "grep -qx 42 answer.txt", "--agent", agent)).toMatchObject({ code: 0 });
  expect(await sandbox.hereWith(JSON.stringify(delivered), "pipeline", "add", "-")).toMatchObject({ code: 0 });
  const id = (await sandbox.here("task", "add", "Write the answer", "--pipeline", "pl_delivered", "-q")).stdout.trim();
  for (const command of ["diff", "branch", "pr"])
    expect(await sandbox.here(command, id)).toMatchObject({ code: 3, stderr: expect.stringContaining(`millrace run ${id}`) as string });
  expect((await sandbox.here("run", id)).code).toBe(0);

  const branch = `millrace/${id}`;
  expect(await sandbox.here("branch", id, "--quiet")).toMatchObject({ code: 0, stdout: `${branch}\n` });
  expect((await sandbox.here("branch", id)).stdout).toContain(`git fetch millrace && git switch ${branch}`);
  expect((await sandbox.here("pr", id)).stdout).toMatch(/^#1 {2}local-git:.*#1\nmillrace\/blk_.* into main\n$/);
  const change = await sandbox.here("diff", id);
  expect(change.stdout).toMatch(/^diff --git a\/answer\.txt b\/answer\.txt\n[^]*\n\+42\n$/);
  await sandbox.write("change.patch", change.stdout);
  await sandbox.git("apply", "--check", "change.patch");
  expect((await sandbox.here("diff", id, "--stat")).stdout).toBe("answer.txt  +1 -0\n1 file, 1 added, 0 removed\n");

  expect((await sandbox.here("merge", id, "--run")).code).toBe(6);
  const { stdout } = await sandbox.here("show", "last", "--json");
  const { run } = JSON.parse(stdout) as { readonly run: { readonly wait: { readonly subject: string } } };
  expect(await sandbox.here("approve", "last", "--digest", run.wait.subject, "--run")).toMatchObject({ code: 0 });
  expect((await sandbox.here("diff", id)).stdout).toBe(change.stdout);
  expect((await sandbox.here("pr", id, "--json")).stdout).toMatch(/"merged":\{/);
}, 120_000);
