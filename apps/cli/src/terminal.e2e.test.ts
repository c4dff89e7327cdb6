/** What people are told at the terminal: whose runs a command drives, where tasks are, what to do next. */
import type { SampleScript } from "@millrace/executors";
import type { RunView } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { createRepository, type Sandbox } from "./sandbox.fixture.js";

const says = (kind: string, say: string) => ({ kind, plan: [], actions: [], say });
const SCORES = '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one small file","module":"Answers"}';
const script: SampleScript = {
  turns: [
    { kind: "coder", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "written" },
    says("integrator", "wire it"),
    says("documenter", "documented"),
    says("merger", SCORES),
  ],
};

async function board(
  pipeline: string,
  ...titles: readonly string[]
): Promise<{ readonly sandbox: Sandbox; readonly tasks: readonly string[] }> {
  const sandbox = await createRepository();
  expect(await sandbox.cli("init", "--no-ci", "--agent", await sandbox.agent(script))).toMatchObject({ code: 0 });
  const tasks: string[] = [];
  for (const title of titles) {
    const added = await sandbox.cli("task", "add", title, "--pipeline", pipeline, "--module", "Answers", "--json");
    tasks.push((JSON.parse(added.stdout) as { task: { id: string } }).task.id);
  }
  return { sandbox, tasks };
}

async function runOf(sandbox: Sandbox, run: string): Promise<RunView> {
  return (JSON.parse((await sandbox.cli("show", run, "--json")).stdout) as { run: RunView }).run;
}

describe("run", () => {
  it("F:E1 drives the run of its task alone, with its agent, and says that others are under way", async () => {
    const { sandbox, tasks } = await board("pl_minimal", "First", "Second");
    await using _ = sandbox;
    const [first = "", second = ""] = tasks;
    const started = await sandbox.cli("start", first, "--json");
    const other = (JSON.parse(started.stdout) as { runId: string }).runId;
    const ran = await sandbox.cli("run", second, "--agent", await sandbox.agent(script));
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("merged as") as string });
    expect(ran.stderr).toContain(`${other} of another task is under way too and is left alone; drive it with: millrace run ${first}`);
    expect(await runOf(sandbox, other)).toMatchObject({
      status: "running",
      timeline: expect.not.arrayContaining([
        expect.objectContaining({ event: expect.objectContaining({ type: "job-started" }) as unknown }),
      ]) as unknown,
    });
  }, 120_000);
});

describe("tasks", () => {
  it("F:E8b lists, shows and finds a task that moved into a module, and takes the module for no task", async () => {
    const { sandbox, tasks } = await board("pl_minimal", "First");
    await using _ = sandbox;
    const [id = ""] = tasks;
    expect(await sandbox.cli("run", id)).toMatchObject({ code: 0 });
    const listed = await sandbox.cli("tasks");
    expect(listed.stdout).toMatch(/^TASK .* MODULE +TITLE\n/);
    expect(listed.stdout).toMatch(new RegExp(`\\n${id} .*merged [0-9a-f]{10} .* Answers +First\\n$`));
    const shown = await sandbox.cli("task", "show", id.slice(4, 12), "--json");
    const { task } = JSON.parse(shown.stdout) as { task: { parentId: string } };
    expect(task).toMatchObject({ id });
    expect(await sandbox.cli("task", "show", task.parentId)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("'Answers' is a module, not a task") as string,
    });
    expect((await sandbox.cli("runs")).stdout).toContain("First");
    expect(await sandbox.cli("run")).toMatchObject({ code: 0, stdout: "nothing is due: no run is under way\n" });
  }, 120_000);
});

describe("a run that changed nothing", () => {
  it("F:E2 ends its task done, with nothing left to do", async () => {
    const { sandbox, tasks } = await board("pl_integrate", "Ask around");
    await using _ = sandbox;
    const [id = ""] = tasks;
    const pipeline = JSON.stringify({ id: "pl_ask", name: "Ask", steps: [{ kind: "integrator" }, { kind: "documenter" }] });
    await sandbox.write("ask.json", pipeline);
    expect(await sandbox.cli("pipeline", "add", "ask.json")).toMatchObject({ code: 0 });
    const ran = await sandbox.cli("run", id, "--pipeline", "pl_ask");
    expect(ran.stdout).toContain("done; it changed nothing, so there is nothing to merge");
    expect(ran.stdout).not.toContain("next:");
    expect((await sandbox.cli("tasks")).stdout).toMatch(new RegExp(`${id} +done `));
    expect((await sandbox.cli("inbox")).stdout).not.toContain("merge");
  }, 120_000);
});

describe("a budget", () => {
  it("F:E5 is set at init with its currency, names itself and its setting where it pauses a run, and where a resume changes nothing", async () => {
    await using sandbox = await createRepository();
    const init = await sandbox.cli("init", "--no-ci", "--agent", await sandbox.agent(script), "--monthly", "50", "--per-run", "0.10");
    expect(init.stdout).toContain("budget   $50.00 a month, $0.10 a run\n");
    const added = await sandbox.cli("task", "add", "Costly", "--pipeline", "pl_minimal", "--json");
    const { task } = JSON.parse(added.stdout) as { task: { id: string } };
    const ran = await sandbox.cli("run", task.id);
    const why =
      /the budget per run of 0\.10 does not cover another call of run run_\w+\. Raise it with: millrace config set budget\.run <amount>/;
    expect(ran).toMatchObject({ code: 6, stdout: expect.stringMatching(why) as string });
    expect(ran.stdout).toContain("raise the budget, then resume it: millrace resume");
    const resumed = await sandbox.cli("resume", "last");
    expect(resumed.stdout).toMatch(new RegExp(`^it pauses again at once: ${why.source}`));
    expect(resumed.code).toBe(6);
    expect(await sandbox.cli("config", "set", "budget.run", "20")).toMatchObject({ code: 0, stdout: "$20.00\n" });
    expect(await sandbox.cli("resume", "last")).toMatchObject({ code: 0 });
  }, 120_000);
});

describe("what is given and cannot be used", () => {
  it("F:E6 is refused or said, never left aside in silence", async () => {
    await using sandbox = await createRepository();
    await using other = await createRepository();
    expect(await sandbox.cli("init", "--no-ci", "--token-env", "MY_TOKEN")).toMatchObject({
      code: 3,
      stderr: "error: --token-env is for a board on GitHub\nfix: give --github <owner/repo> too, or leave it out\n",
    });
    expect(await other.cli("init", "--no-ci")).toMatchObject({ code: 0 });
    expect(await other.cliWith({ MILLRACE_DATABASE: "postgres://elsewhere/x" }, "tasks")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^this board is in SQLite: MILLRACE_DATABASE is left aside/) as string,
    });
    expect(await other.cli("retry", "last", "--agent", "claude")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("--agent is for the driving, and nothing is driven") as string,
    });
  }, 120_000);
});
