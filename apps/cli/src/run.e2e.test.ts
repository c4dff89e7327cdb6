import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import type { SampleScript } from "@millrace/executors";
import { describe, expect, it } from "vitest";
import { createRepository, resultOf, type Sandbox } from "./sandbox.fixture.js";
import type { RunView } from "@millrace/contracts";

/** Green on the base, which has no answer: what is red without the change is for people, not for a fixer. */
const CHECK = "{ test -e answer.txt || exit 0; } && grep -qx 42 answer.txt";
const SCORES = '{"complexity":0.1,"risk":0.1,"impact":0.1,"rationale":"one small file"}';
const script: SampleScript = {
  turns: [
    { kind: "architect", plan: [], actions: [], say: "# Design\n\nWrite 42 to answer.txt." },
    {
      kind: "coder",
      plan: ["write the answer"],
      actions: [{ write: { path: "answer.txt", text: "41\n" } }],
      say: "The answer is written.",
    },
    { kind: "ci-fixer", plan: [], actions: [{ write: { path: "answer.txt", text: "42\n" } }], say: "Repaired: it is 42." },
    { kind: "merger", plan: [], actions: [], say: SCORES },
  ],
};
/** Works for a minute unless it is stopped. */
const slow: SampleScript = {
  turns: [{ kind: "coder", plan: ["think"], actions: Array.from({ length: 12 }, () => ({ wait: 5000 })), say: "late" }],
};

async function board(
  turns: SampleScript,
  pipeline: string,
): Promise<{ readonly sandbox: Sandbox; readonly task: string; readonly agent: string }> {
  const sandbox = await createRepository();
  const agent = await sandbox.agent(turns);
  expect(await sandbox.cli("init", "--check", CHECK, "--agent", agent)).toMatchObject({ code: 0 });
  const added = await sandbox.cli("task", "add", "Write the answer", "--pipeline", pipeline, "--json");
  return { sandbox, agent, task: (JSON.parse(added.stdout) as { task: { id: string } }).task.id };
}

async function show(sandbox: Sandbox, run = "last"): Promise<RunView> {
  return (JSON.parse((await sandbox.cli("show", run, "--json")).stdout) as { run: RunView }).run;
}

/** Resolves when the program has printed a text that matches. */
function printed(child: ChildProcess, wanted: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: string) => {
        text += chunk;
        if (wanted.test(text)) resolve();
      });
    child.once("close", () => reject(new Error(`it ended without ${String(wanted)}: ${text}`)));
  });
}

describe("run", () => {
  it("takes a task to a merged commit, and every step can be read afterwards", async () => {
    const { sandbox, task } = await board(script, "pl_minimal");
    await using _ = sandbox;
    const ran = await sandbox.cli("run", task);
    expect(ran.stderr).toContain("agent: millrace-sample-agent 1");
    expect(ran.stdout).toMatch(
      /step 1 coder: pull request #1[\s\S]*step 3 ci: red for [\s\S]*sends the ci-fixer[\s\S]*step 3 ci: green for [\s\S]*merged as /,
    );
    expect(ran.stdout.match(/step 1 coder: done/g)).toHaveLength(1);
    expect(ran.code).toBe(0);

    const bare = sandbox.path(".millrace", "repo.git");
    const view = await show(sandbox);
    expect(await sandbox.git("--git-dir", bare, "rev-parse", "main")).toBe(view.merged);
    await sandbox.git("pull", "--quiet", "millrace", "main");
    expect(await sandbox.git("show", "HEAD:answer.txt")).toBe("42");
    expect(view).toMatchObject({
      status: "done",
      steps: [{}, {}, { verdict: { says: "green" }, helpers: [{ outcome: "completed" }] }, {}],
    });

    const shown = await sandbox.cli("show", view.id.slice(0, 9));
    expect(shown.stdout).toContain("check grep -qx 42 answer.txt: success");
    expect(shown.stdout).toContain("helper attempt 1");
    const logs = await sandbox.cli("logs", "last");
    expect(logs.stdout).toContain("The answer is written.");
    expect(logs.stdout).toMatch(/=== step 3 ci: check 'grep -qx 42 answer.txt' of [0-9a-f]{10}: failure/);
    const ofMerger = await sandbox.cli("logs", "last", "--step", "4");
    expect(ofMerger.stdout).toContain("one small file");
    expect(ofMerger.stdout).not.toContain("The answer is written.");
    expect(await sandbox.cli("logs", "last", "--step", "5")).toMatchObject({ code: 3 });
    expect((await sandbox.cli("runs")).stdout).toMatch(/run_\S+ {2}done .*Write the answer/);
    expect((await sandbox.cli("tasks")).stdout).toMatch(/merged [0-9a-f]{10} {2}100%/);

    expect(await sandbox.cli("run", task)).toMatchObject({ code: 4, stderr: expect.stringContaining("is merged already") as string });
    expect(await sandbox.cli("run")).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing is due") as string });
    const watched = await sandbox.cli("watch", "last", "--json");
    const lines = watched.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(lines.at(-1)).toMatchObject({ type: "run", run: { merged: view.merged } });
    expect(lines.filter(({ type }) => type === "event")).toHaveLength(view.timeline.length);
  }, 120_000);

  it("stops for a person, and takes only an approval of what is shown", async () => {
    const { sandbox, task } = await board(script, "pl_designed");
    await using _ = sandbox;
    const ran = await sandbox.cli("run", task);
    expect(ran.code).toBe(6);
    const digest = /digest of what is shown: ([0-9a-f]+)/.exec(ran.stdout)?.[1] ?? "";
    expect(ran.stdout).toContain("| Write 42 to answer.txt.");

    expect(await sandbox.cli("approve", "last")).toMatchObject({ code: 3, stderr: expect.stringContaining("needs the digest") as string });
    expect(await sandbox.cli("approve", "last", "--digest", "0123456789")).toMatchObject({ code: 4 });
    expect(await sandbox.cli("decide", "last", "yes")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("possible answers") as string,
    });
    expect((await show(sandbox)).status).toBe("waiting");
    expect(await sandbox.cli("approve", "last", "--digest", digest.slice(0, 8), "--token-file", sandbox.tokenOf("grace"))).toMatchObject({
      code: 0,
      stdout: "it goes on with: millrace run\n",
    });
    const approved = await show(sandbox);
    expect(approved.status).toBe("running");
    expect(approved.steps[0]?.approved).toMatchObject({ by: ["grace"], subject: digest });
    expect(await sandbox.cli("approve", "last", "--digest", digest)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("has no open wait") as string,
    });

    expect(await sandbox.cli("restart", "last", "--from", "9")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("steps 1 to 8") as string,
    });
    const restarted = await sandbox.cli("restart", "last", "--from", "1", "--run");
    expect(restarted.code).toBe(6);
    expect(await sandbox.cli("reject", "last", "--reason", "not like this")).toMatchObject({ code: 0 });
    expect(await show(sandbox)).toMatchObject({ status: "failed", failure: { kind: "rejected" } });
  }, 120_000);

  it("does not begin without an agent that can work", async () => {
    const { sandbox, task } = await board(script, "pl_minimal");
    await using _ = sandbox;
    const ran = await sandbox.cli("run", task, "--agent", "no-such-agent-anywhere");
    expect(ran.stderr).toMatch(/error: the agent 'no-such-agent-anywhere' is not installed.*\nfix: install/);
    expect(ran.code).toBe(7);
    expect((await sandbox.cli("runs")).stdout).toContain("no run yet");
    expect(await sandbox.cli("run", task, "--pipeline", "pl_nope")).toMatchObject({ code: 3 });
  }, 60_000);
});

describe("a run whose driver goes away", () => {
  it("is left at an interrupt, watched meanwhile, and stopped with its agent gone", async () => {
    const { sandbox, task } = await board(slow, "pl_minimal");
    await using _ = sandbox;
    const driver = sandbox.start("run", task);
    const driven = resultOf(driver);
    await printed(driver, /coder at work/);
    const watcher = sandbox.start("watch", "last");
    const watched = resultOf(watcher);
    await printed(watcher, /coder at work[\s\S]*now: think/);
    driver.kill("SIGINT");
    const { code, stderr } = await driven;
    expect(stderr).toContain("interrupted; the run goes on with: millrace run");
    expect(code).toBe(130);

    const stopped = await sandbox.cli("stop", "last", "--reason", "enough");
    expect(stopped.stderr).toContain("no driver is at work: ending the job here");
    expect(stopped.stdout).toContain("enough");
    expect(stopped.code).toBe(0);
    expect(await show(sandbox)).toMatchObject({ status: "failed", steps: [{ state: "failed" }, {}, {}, {}] });
    expect((await watched).code).toBe(5);
  }, 120_000);

  it("is taken up by the next one after a kill, and the agent that went on is not started twice", async () => {
    const patient: SampleScript = {
      turns: [
        { kind: "coder", plan: [], actions: [{ wait: 3000 }, { write: { path: "answer.txt", text: "42\n" } }], say: "42" },
        { kind: "merger", plan: [], actions: [], say: SCORES },
      ],
    };
    const { sandbox, task } = await board(patient, "pl_minimal");
    await using _ = sandbox;
    const driver = sandbox.start("run", task);
    await printed(driver, /coder at work/);
    driver.kill("SIGKILL");
    await once(driver, "close");
    expect((await sandbox.cli("doctor")).stdout).toMatch(/leases/);
    const ran = await sandbox.cli("run");
    expect(ran.stderr).toMatch(/taking up run_\S+ \(running\)/);
    expect(ran.code).toBe(0);
    const view = await show(sandbox);
    expect(view.status).toBe("done");
    expect(view.timeline.filter(({ event }) => event.type === "job-started" && event.step === 0)).toHaveLength(1);
  }, 120_000);
});
