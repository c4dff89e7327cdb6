import type { SampleScript } from "@millrace/executors";
import type { Review, ReviewItem } from "@millrace/contracts";
import { expect, it } from "vitest";
import { createRepository, type Sandbox } from "./sandbox.fixture.js";
import type { RunView } from "@millrace/contracts";

const finding = (title: string, severity: string): object => ({ category: "question", severity, title, detail: `${title}?` });
const says = (kind: string, say: string, effect?: number) => ({
  kind,
  plan: [],
  actions: [],
  say,
  ...(effect === undefined ? {} : { effect }),
});
const script: SampleScript = {
  turns: [
    says("requirements-review", JSON.stringify({ items: [finding("Currency", "low"), finding("Rounding", "high")] }), 2),
    says("requirements-review", JSON.stringify({ items: [] })),
    says("requirements-rework", "# A discount in whole cents"),
  ],
};

interface Document {
  readonly review: Review;
  readonly items: readonly ReviewItem[];
  readonly task: { readonly id: string; readonly status: string };
  readonly item: ReviewItem;
  readonly run: RunView;
}

async function json(sandbox: Sandbox, ...args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await sandbox.cli(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Document;
}

it("a task is reviewed, its findings are answered one by one, and what people said is final", async () => {
  await using sandbox = await createRepository();
  const agent = await sandbox.agent(script);
  expect(await sandbox.cli("init", "--no-ci", "--agent", agent)).toMatchObject({ code: 0 });
  const { task } = await json(sandbox, "task", "add", "Discounts", "-d", "Take a discount off.", "--pipeline", "pl_requirements");
  expect(await sandbox.cli("review", task.id)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`millrace run ${task.id} --pipeline pl_requirements`) as string,
  });

  const ran = await sandbox.cli("run", task.id);
  expect(ran.code).toBe(6);
  expect(ran.stdout).toContain("2 findings: [high] Rounding; [low] Currency. Iteration 1 of 6");
  expect(ran.stdout).toMatch(/answer with:\n +millrace review run_\S+\n +millrace incorporate/);
  const listed = await sandbox.cli("review", "last");
  expect(listed.stdout).toMatch(/f1 +open +high +Rounding[\s\S]*f2 +open +low +Currency[\s\S]*2 open: millrace review reply/);
  expect(await sandbox.cli("incorporate", "last")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("2 finding(s) are open: f1 Rounding; f2 Currency") as string,
  });
  expect(await sandbox.cli("round", "last")).toMatchObject({ code: 4, stderr: expect.stringContaining("with rounds left") as string });

  expect((await json(sandbox, "review", "reply", "last", "f1", "--text", "To whole cents.")).item).toMatchObject({ status: "answered" });
  expect((await sandbox.cli("review", "resolve", "last", "f2")).stdout).toContain("resolved");
  expect((await sandbox.cli("review", "reopen", "last", "F2")).stdout).toContain("open");
  expect((await json(sandbox, "review", "dismiss", task.id, "f2")).item).toMatchObject({ status: "dismissed", reply: null });
  expect(await sandbox.cli("review", "reply", "last", "f9", "--text", "x")).toMatchObject({ code: 3 });
  expect(await sandbox.cli("review", "reply", "last", "f1")).toMatchObject({ code: 2 });

  expect((await json(sandbox, "incorporate", "last", "--feedback", "short")).run.status).toBe("running");
  expect(await sandbox.cli("review", "reopen", "last", "f1")).toMatchObject({ code: 4 });
  expect(await sandbox.cli("run")).toMatchObject({ code: 0, stdout: expect.stringContaining("the answers became a document") as string });
  expect(await json(sandbox, "review", task.id)).toMatchObject({ review: { iteration: 2, status: "incorporated" }, items: [] });
  const shown = JSON.parse((await sandbox.cli("task", "show", task.id, "--json")).stdout) as Document;
  expect(shown.task.status).toBe("ready");
  expect((await sandbox.cli("logs", "last")).stdout).toContain("# A discount in whole cents");
}, 120_000);

it("a review is closed as it is, by a person who saw it", async () => {
  await using sandbox = await createRepository();
  expect(await sandbox.cli("init", "--no-ci", "--agent", await sandbox.agent(script))).toMatchObject({ code: 0 });
  const { task } = await json(sandbox, "task", "add", "Discounts", "--pipeline", "pl_requirements");
  const ran = await sandbox.cli("run", task.id);
  const digest = /digest of what is shown: ([0-9a-f]+)/.exec(ran.stdout)?.[1] ?? "";
  expect(await sandbox.cli("proceed", "last")).toMatchObject({ code: 3 });
  expect(await sandbox.cli("proceed", "last", "--digest", digest.slice(0, 12), "--token-file", sandbox.tokenOf("grace"))).toMatchObject({
    code: 0,
  });
  expect((await sandbox.cli("show", "last")).stdout).toMatch(/closed as it is, by a person {2}\(grace\)/);
  expect(await json(sandbox, "review", "last")).toMatchObject({ review: { status: "incorporated" } });
}, 120_000);
