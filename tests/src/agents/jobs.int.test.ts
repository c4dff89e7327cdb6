import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMachineExecutor, type AgentLaunch, type MachineExecutor } from "@millrace/executors";
import { NOTHING_SPENT, type JobHandle } from "@millrace/kernel";
import { createMemoryStore, createVirtualClock } from "@millrace/testing";
import { describe, expect, test, vi } from "vitest";
import {
  CHANGE,
  NOTHING,
  RESOLVE,
  createAgentEnvironment,
  liar,
  outcomeOf,
  pullRequestOf,
  runToOutcome,
  taskOf,
  type AgentEnvironment,
} from "../lying-agents/environment.fixture.js";

const never = new AbortController().signal;

/** Ids of the running processes that carry the marker of the environment's one job. */
async function marked(environment: AgentEnvironment): Promise<number[]> {
  const { marker }: { marker: string } = JSON.parse((await environment.files())["job.json"] ?? "");
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      return environment.split("\0").includes(`MILLRACE_SANDBOX=${marker}`) ? Number(pid) : null;
    }),
  );
  return found.filter((pid) => pid !== null);
}

/** The executor of a machine over a host of the environment, as a runtime wires them. */
function machineHosts(environment: AgentEnvironment, onJobEnded: () => void): AsyncDisposable & { readonly machine: MachineExecutor } {
  const clock = createVirtualClock();
  const local = environment.host(liar("honest"), { onJobEnded, mayDeliver: (key) => machine.mayDeliver(key) });
  const machine: MachineExecutor = createMachineExecutor({
    local,
    machine: async () => "m1",
    store: createMemoryStore({ clock }).store,
    clock,
    sleep: async () => undefined,
    log: { info: () => undefined, warn: () => undefined },
    leaseMs: 60_000,
  });
  return {
    machine,
    async [Symbol.asyncDispose]() {
      await machine.idle();
      await local[Symbol.asyncDispose]();
    },
  };
}

function alive(pid: number): boolean {
  try {
    // A zombie has an empty command line.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}

/** Waits until the job's transcript contains `text`. */
async function saying(environment: AgentEnvironment, text: string): Promise<void> {
  await vi.waitFor(async () => expect((await environment.files())["transcript.jsonl"]).toContain(text), { timeout: 20_000, interval: 25 });
}

describe("a job and its host", () => {
  test("the same key is the same job: one process, one commit, one pull request, the same outcome", async () => {
    await using environment = await createAgentEnvironment();
    const starts = join(environment.root, "starts");
    await using host = environment.host(liar("counts-its-starts", starts));
    const handles = await Promise.all([host.startJob(taskOf()), host.startJob(taskOf())]);
    await vi.waitFor(async () => expect((await host.pollJob(handles[0])).is).toBe("ended"), { timeout: 20_000 });
    handles.push(await host.startJob(taskOf()));
    expect(new Set(handles.map((handle) => JSON.stringify(handle))).size).toBe(1);
    expect(await readFile(starts, "utf8")).toBe("started\n");
    expect(await outcomeOf(host, handles[0])).toEqual(await outcomeOf(host, handles[0]));
  });

  test("two hosts racing on one key start one agent", async () => {
    await using environment = await createAgentEnvironment();
    const starts = join(environment.root, "starts");
    const task = taskOf({ repository: null, contract: NOTHING });
    await using one = environment.host(liar("counts-its-starts", starts));
    await using two = environment.host(liar("counts-its-starts", starts));
    const [handle] = await Promise.all([one.startJob(task), two.startJob(task)]);
    await vi.waitFor(async () => expect((await one.pollJob(handle)).is).toBe("ended"), { timeout: 20_000 });
    expect(await readFile(starts, "utf8")).toBe("started\n");
  });

  test("F:C16 a job that another host of the folder is about to start runs, and is finished by one of them", async () => {
    await using environment = await createAgentEnvironment();
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const worktrees: typeof environment.worktrees = {
      ...environment.worktrees,
      async prepare(request) {
        reached.resolve();
        await go.promise;
        return environment.worktrees.prepare(request);
      },
    };
    await using one = environment.host(liar("honest"), { worktrees });
    await using two = environment.host(liar("honest"));
    const task = taskOf();
    const starting = one.startJob(task);
    await reached.promise;
    const handle: JobHandle = { key: task.key, ref: "", model: null };
    expect(await two.startOf(task.key)).toBe("starting");
    expect(await two.pollJob(handle)).toEqual({ is: "running", progress: null });
    go.resolve();
    await starting;
    const ended = { is: "ended", outcome: { is: "finished", observed: { commits: 1 } } };
    for (const host of [one, two])
      await vi.waitFor(async () => expect(await host.pollJob(handle)).toMatchObject(ended), { timeout: 20_000, interval: 25 });
  });

  test("F:C16 a job whose host ended before it was started is lost with its host", async () => {
    await using environment = await createAgentEnvironment();
    const worktrees = { ...environment.worktrees, prepare: () => Promise.reject(new Error("the host ends here")) };
    await using host = environment.host(liar("honest"), { worktrees });
    const task = taskOf();
    await expect(host.startJob(task)).rejects.toThrow("the host ends here");
    expect(await host.startOf(task.key)).toBe("unstarted");
    expect(await host.startOf("run_9/0/1/work.1")).toBe("unknown");
    expect(await host.pollJob({ key: task.key, ref: "", model: null })).toMatchObject({
      is: "ended",
      outcome: { is: "lost", transient: true, usage: NOTHING_SPENT },
    });
  });

  test("a job survives kill -9 of its host; the next host takes it up and finishes it", async () => {
    await using environment = await createAgentEnvironment();
    const go = join(environment.root, "go");
    const program = fileURLToPath(new URL("../lying-agents/host.fixture.ts", import.meta.url));
    const hook = fileURLToPath(new URL("../../../packages/executors/src/source-hook.ts", import.meta.url));
    const dying = spawn(
      process.execPath,
      ["--conditions=millrace-source", "--import", hook, program, environment.jobsDir, environment.bare, "waits-for-a-file", go],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(dying.stdout, "data");
    dying.kill("SIGKILL");
    await once(dying, "exit");
    const ended = Promise.withResolvers<string>();
    await using host = environment.host(liar("never-started"), { onJobEnded: ({ key }) => ended.resolve(key) });
    const handle = await host.startJob(taskOf());
    await saying(environment, "waiting");
    expect((await host.pollJob(handle)).is).toBe("running");
    expect(await marked(environment)).toHaveLength(1);
    await writeFile(go, "");
    expect(await ended.promise).toBe(handle.key);
    expect(await outcomeOf(host, handle)).toMatchObject({
      is: "finished",
      observed: { commits: 1, treeChanged: true, pullRequest: { branch: "millrace/blk_1" } },
    });
  });

  test("a supervisor that was killed is a lost job, and nothing of its agent runs on", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"));
    const handle = await host.startJob(taskOf());
    await saying(environment, "the family is up");
    const supervisor: { pid: number } = JSON.parse((await environment.files())["supervisor.json"] ?? "");
    process.kill(supervisor.pid, "SIGKILL");
    await vi.waitFor(async () => expect((await host.pollJob(handle)).is).toBe("ended"), { timeout: 20_000 });
    expect(await outcomeOf(host, handle)).toMatchObject({
      is: "lost",
      transient: false,
      message: "the job's supervisor was killed while the agent worked",
      usage: { tokens: null, costMicros: null },
    });
    expect(await marked(environment)).toEqual([]);
  });

  test("an unknown handle is lost", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("honest"));
    expect(await outcomeOf(host, { key: "run_9/0/0/main.1", ref: "x", model: null })).toMatchObject({ is: "lost", transient: false });
  });
});

describe("stopping (P9)", () => {
  test("stop ends grandchildren that called setsid and ignore every signal", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"));
    const handle = await host.startJob(taskOf());
    await saying(environment, "the family is up");
    expect((await marked(environment)).length).toBeGreaterThanOrEqual(3);
    await host.stopJob(handle);
    expect(await marked(environment)).toEqual([]);
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "failed", code: "turn_cancelled" });
    await host.stopJob(handle);
  });

  test("what an agent leaves running after its turn is ended and named", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("leaves-a-family"), taskOf());
    expect(outcome).toMatchObject({ is: "finished", observed: { commits: 1 } });
    expect(await marked(environment)).toEqual([]);
    expect((await environment.files())["transcript.jsonl"]).toMatch(/ended what was left running: .*node/);
  });

  test("F:B1 what an agent used whose job file is gone is not known", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"));
    const handle = await host.startJob(taskOf());
    await saying(environment, "the family is up");
    const [job = ""] = await readdir(environment.jobsDir);
    await rm(join(environment.jobsDir, job, "job.json"));
    expect(await host.stopJob(handle)).toBeNull();
  });

  test("stopping a job that never was is fine", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("honest"));
    expect(await host.stopJob({ key: "run_9/0/0/main.1", ref: "x", model: null })).toEqual(NOTHING_SPENT);
  });

  test("a start that comes after the stop of its key starts nothing: its driver was slow, or is dead by now", async () => {
    await using environment = await createAgentEnvironment();
    const starts = join(environment.root, "starts");
    await using host = environment.host(liar("counts-its-starts", starts));
    const task = taskOf();
    await host.stopJob({ key: task.key, ref: "", model: null });
    const handle = await host.startJob(task);
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "failed", code: "turn_cancelled" });
    await expect(readFile(starts, "utf8")).rejects.toThrow("ENOENT");
  });
});

describe("a job that was given up after its agent had ended", () => {
  const branches = (environment: AgentEnvironment) => environment.git("--git-dir", environment.bare, "branch", "--list", "millrace/*");

  test("F:C7 nothing of it is pushed by a host that finishes it later", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("honest"), taskOf(), { mayDeliver: async () => false });
    expect(outcome).toMatchObject({ is: "failed", code: "turn_cancelled", usage: { model: "agent:liar" } });
    expect(await branches(environment)).toBe("");
  });

  test("F:C7 its stop is for good on its machine, though no file says so", async () => {
    await using environment = await createAgentEnvironment();
    const ended = Promise.withResolvers<void>();
    await using hosts = machineHosts(environment, () => ended.resolve());
    const { machine } = hosts;
    const handle = await machine.startJob(taskOf());
    await ended.promise;
    await machine.stopJob(handle);
    await machine.tend();
    await machine.ended(handle.key);
    expect(await machine.pollJob(handle)).toMatchObject({ is: "ended", outcome: { is: "failed", code: "turn_cancelled" } });
    expect(await branches(environment)).toBe("");
    expect(await machine.tend()).toBe(0);
  });

  test("F:C16 its stop waits for the host that is about to push it", async () => {
    await using environment = await createAgentEnvironment();
    const [reached, go, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const worktrees: typeof environment.worktrees = {
      ...environment.worktrees,
      async push(checkout) {
        reached.resolve();
        await go.promise;
        return environment.worktrees.push(checkout);
      },
    };
    await using one = environment.host(liar("honest"), { worktrees, onJobEnded: () => ended.resolve() });
    await using two = environment.host(liar("honest"));
    const handle = await one.startJob(taskOf());
    await ended.promise;
    const finished = outcomeOf(one, handle);
    await reached.promise;
    const order: string[] = [];
    const stopped = two.stopJob(handle).then(() => order.push("stopped"));
    // Others that begin later end before it.
    for (const other of ["run_8/0/1/work.1", "run_9/0/1/work.1"]) await two.stopJob({ ...handle, key: other });
    order.push("pushed");
    go.resolve();
    await Promise.all([finished, stopped]);
    expect(order).toEqual(["pushed", "stopped"]);
    expect(await branches(environment)).toContain("millrace/blk_1");
  });
});

describe("finishing is repeatable", () => {
  const points = ["commitAll", "push", "openPullRequest", "remoteHead"] as const;

  test.each(points)("a crash right after %s leads to one commit and one pull request", async (point) => {
    await using environment = await createAgentEnvironment();
    let crashes = 0;
    const crash =
      <A extends unknown[], R>(name: string, method: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const result = await method(...args);
        if (name === point && crashes === 0) {
          crashes += 1;
          throw new Error(`the host died right after ${name}`);
        }
        return result;
      };
    const { worktrees, forge } = environment;
    const dying = {
      worktrees: {
        ...worktrees,
        commitAll: crash("commitAll", worktrees.commitAll.bind(worktrees)),
        push: crash("push", worktrees.push.bind(worktrees)),
        remoteHead: crash("remoteHead", worktrees.remoteHead.bind(worktrees)),
      },
      forge: () => ({ ...forge, openPullRequest: crash("openPullRequest", forge.openPullRequest.bind(forge)) }),
    };
    const ended = Promise.withResolvers<void>();
    let handle: JobHandle;
    {
      await using host = environment.host(liar("honest-uncommitted"), { ...dying, onJobEnded: () => ended.resolve() });
      handle = await host.startJob(taskOf());
      await ended.promise;
      await expect(host.pollJob(handle)).rejects.toThrow("the host died");
    }
    await using next = environment.host(liar("never-started"));
    const outcome = await outcomeOf(next, handle);
    expect(crashes).toBe(1);
    expect(outcome).toMatchObject({ is: "finished", observed: { commits: 1, pullRequest: { number: 1 } } });
    expect(await environment.git("--git-dir", environment.bare, "rev-list", "--count", "main..millrace/blk_1")).toBe("1");
    expect(await environment.git("--git-dir", environment.bare, "log", "-1", "--format=%B", "millrace/blk_1")).toBe(
      "Add the feature\n\nMillrace-Run: run_1\nMillrace-Step: 2",
    );
  });

  test("work that another machine pushed under this key is adopted, and no agent runs", async () => {
    await using environment = await createAgentEnvironment();
    await runToOutcome(environment, liar("honest"), taskOf());
    await using elsewhere = environment.host(liar("never-started"), { jobsDir: join(environment.root, "other-jobs") });
    const outcome = await outcomeOf(elsewhere, await elsewhere.startJob(taskOf()));
    expect(outcome).toMatchObject({ is: "finished", observed: { commits: 1, treeChanged: true, pullRequest: { number: 1 } } });
  });

  test("a base that merges cleanly needs no agent", async () => {
    await using environment = await createAgentEnvironment();
    await environment.commit("millrace/blk_1", { "a.txt": "a\n" });
    await environment.commit("main", { "b.txt": "b\n" });
    await using host = environment.host(liar("never-started"));
    const outcome = await outcomeOf(host, await host.startJob(taskOf({ kind: "conflict-resolver", contract: RESOLVE })));
    expect(outcome).toMatchObject({ is: "finished", answer: { text: "The base merged into the branch without a conflict." } });
    expect(outcome.is === "finished" && outcome.observed?.remoteHead === outcome.observed?.headAfter).toBe(true);
  });

  test("forget removes the work and keeps the transcript and the outcome", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("honest"));
    const handle = await host.startJob(taskOf());
    await vi.waitFor(async () => expect((await host.pollJob(handle)).is).toBe("ended"), { timeout: 20_000 });
    await host.forget(handle);
    expect(
      (await readdir(join(environment.jobsDir, handle.ref))).filter(
        (name) => !name.endsWith(".json") && !name.endsWith(".jsonl") && !name.endsWith(".log"),
      ),
    ).toEqual([]);
    expect((await outcomeOf(host, handle)).is).toBe("finished");
    await host.forget(handle);
  });
});

describe("what reaches the agent and what comes back", () => {
  test("the environment is clean, and names the job", async () => {
    await using environment = await createAgentEnvironment();
    vi.stubEnv("ANTHROPIC_API_KEY", "must-not-get-there");
    const outcome = await runToOutcome(
      environment,
      { ...liar("prints-its-environment"), env: { LISTED: "yes" } },
      taskOf({ repository: null, contract: NOTHING }),
    );
    vi.unstubAllEnvs();
    const names: string[] = JSON.parse(outcome.is === "finished" ? outcome.answer.text : "[]");
    expect(names).toEqual(
      expect.arrayContaining([
        "HOME",
        "PATH",
        "TMPDIR",
        "LISTED",
        "MILLRACE_SANDBOX",
        "MILLRACE_JOB_KEY",
        "MILLRACE_AGENT_KIND",
        "MILLRACE_ATTEMPT",
        "GIT_CONFIG_GLOBAL",
      ]),
    );
    expect(names).not.toContain("ANTHROPIC_API_KEY");
  });

  test.each(["says-its-secret", "fails-its-turn"])("secrets are in no file of the job (%s)", async (mode) => {
    await using environment = await createAgentEnvironment();
    const token = 'tok"en-\\5ecret';
    const outcome = await runToOutcome(
      environment,
      { ...liar(mode), secrets: { TOKEN: token } },
      taskOf({ repository: null, contract: NOTHING }),
    );
    const everything = JSON.stringify(outcome) + Object.values(await environment.files()).join("\n");
    expect(everything).toContain("[redacted:TOKEN]");
    expect(everything).not.toContain("5ecret");
  });

  test("a structured answer is taken out of the prose, a marked question is a question", async () => {
    await using environment = await createAgentEnvironment();
    const task = taskOf({ repository: null, contract: NOTHING, answerSchema: { type: "object" } });
    expect(await runToOutcome(environment, liar("answers-in-json"), task)).toMatchObject({
      is: "finished",
      answer: { product: { rating: 0.5 }, question: null, model: "agent:liar" },
    });
    const asked = await runToOutcome(environment, liar("asks-a-question"), { ...task, key: "run_1/3/0/main.1" });
    expect(asked).toMatchObject({ is: "finished", answer: { product: null, question: { question: "Which one?", options: ["a", "b"] } } });
  });

  test("a greeting on stdout is no reason to fail", async () => {
    await using environment = await createAgentEnvironment();
    expect(await runToOutcome(environment, liar("greets-and-works"), taskOf())).toMatchObject({ is: "finished", observed: { commits: 1 } });
  });

  test("a missing agent is named, with how to install it", async () => {
    await using environment = await createAgentEnvironment();
    const launch: AgentLaunch = { ...liar(""), argv: ["no-such-agent-of-millrace"], installHint: "install it from nowhere" };
    const outcome = await runToOutcome(environment, launch, taskOf());
    expect(outcome).toMatchObject({
      is: "failed",
      code: "agent_missing",
      message: expect.stringMatching(/^the agent 'liar' is not installed: .*'no-such-agent-of-millrace'.*; install it from nowhere$/),
    });
  });

  test("a kind without an agent cannot be started", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("honest"), { launchFor: () => null });
    await expect(host.startJob(taskOf())).rejects.toMatchObject({
      code: "config_invalid",
      message: "no agent is set for the kind 'coder'",
    });
  });
});

describe("permissions", () => {
  const call = (kind: string, ...paths: string[]) => ({
    method: "session/request_permission",
    params: {
      toolCall: { toolCallId: "1", title: `${kind} ${paths.join()}`, kind, locations: paths.map((path) => ({ path })) },
      options: [
        { optionId: "yes", name: "Yes", kind: "allow_once" },
        { optionId: "no", name: "No", kind: "reject_once" },
      ],
    },
  });

  async function answers(
    environment: AgentEnvironment,
    contract: typeof CHANGE,
    requests: (work: string) => unknown[],
  ): Promise<unknown[]> {
    const file = join(environment.root, "requests.json");
    const key = taskOf().key;
    await using host = environment.host(liar("asks-for-permission", file), {
      worktrees: {
        ...environment.worktrees,
        async prepare(request) {
          const checkout = await environment.worktrees.prepare(request);
          await symlink(environment.root, join(checkout.path, "way-out"));
          await symlink(join(environment.root, "not-there-yet"), join(checkout.path, "dangling"));
          await writeFile(file, JSON.stringify(requests(checkout.path)));
          return checkout;
        },
      },
    });
    const handle = await host.startJob(taskOf({ key, contract }));
    await vi.waitFor(async () => expect((await host.pollJob(handle)).is).toBe("ended"), { timeout: 20_000 });
    const outcome = await outcomeOf(host, handle);
    return JSON.parse(outcome.is === "finished" ? outcome.answer.text : "[]");
  }
  const yes = { outcome: { outcome: "selected", optionId: "yes" } };
  const no = { outcome: { outcome: "selected", optionId: "no" } };

  test("writes and commands inside are allowed, everything that leads outside is refused", async () => {
    await using environment = await createAgentEnvironment();
    const got = await answers(environment, CHANGE, (work) => [
      call("edit", join(work, "a.txt")),
      call("edit", "/etc/passwd"),
      call("edit", join(work, "../../x")),
      call("edit", join(work, "way-out", "x")),
      call("edit", join(work, "dangling")),
      call("execute"),
      call("execute", "/etc"),
      call("read", "/etc/hostname"),
      call("switch_mode"),
    ]);
    expect(got).toMatchObject([yes, no, no, no, no, yes, no, yes, no]);
  });

  test("a job that delivers nothing may not write", async () => {
    await using environment = await createAgentEnvironment();
    const got = await answers(environment, NOTHING, (work) => [call("edit", join(work, "a.txt")), call("read", join(work, "a.txt"))]);
    expect(got).toMatchObject([no, yes]);
  });
});

describe("calls of inline kinds", () => {
  const inline = { contract: NOTHING, kind: "reviewer" } as const;

  test("an agent without a pull request answers from an empty folder", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("answers-in-json"));
    expect(await host.run(taskOf({ ...inline, answerSchema: { type: "object" } }), never)).toMatchObject({ product: { rating: 0.5 } });
  });

  test("with a pull request it sees the branch, and is caught when it writes", async () => {
    await using environment = await createAgentEnvironment();
    await environment.commit("feature", { "b.txt": "b\n" });
    await using host = environment.host(liar("writes-when-read-only"));
    const asked = host.run(taskOf({ ...inline, pullRequest: pullRequestOf("feature") }), never);
    await expect(asked).rejects.toMatchObject({ code: "agent_failed", details: { reason: "wrote_when_read_only" } });
  });

  test("an abort ends the agent", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"));
    const stop = new AbortController();
    const asked = host.run(taskOf(inline), stop.signal);
    await vi.waitFor(async () => expect((await environment.files())["transcript.jsonl"]).toContain("the family is up"), {
      timeout: 20_000,
    });
    const pids = await marked(environment);
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "unavailable" });
    expect(pids.length).toBeGreaterThanOrEqual(3);
    expect(pids.filter(alive)).toEqual([]);
  });

  test("a failed call may be repeated under its key", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("refuses"));
    await expect(host.run(taskOf(inline), never)).rejects.toMatchObject({ code: "agent_failed", details: { reason: "turn_refused" } });
    await using next = environment.host(liar("says-done"));
    expect(await next.run(taskOf(inline), never)).toMatchObject({ text: expect.stringContaining("All done!") });
  });
});

describe("plain commands", () => {
  const command = (source: string, prompt: "stdin" | "file"): AgentLaunch => ({
    via: "command",
    name: "plain",
    argv: [process.execPath, "-e", source, "{prompt_file}"],
    prompt,
    installHint: "it is node",
  });

  test.each(["stdin", "file"] as const)("the prompt arrives by %s; exit 0 is a completed turn", async (how) => {
    await using environment = await createAgentEnvironment();
    const source = `const fs = require("fs"); const text = fs.readFileSync(${how === "stdin" ? "0" : "process.argv[1]"}, "utf8"); fs.writeFileSync("prompt.txt", text); console.log("did it")`;
    const outcome = await runToOutcome(environment, command(source, how), taskOf());
    expect(outcome).toMatchObject({ is: "finished", answer: { text: "did it" }, observed: { turn: "completed", commits: 1 } });
    expect(await environment.git("--git-dir", environment.bare, "show", "millrace/blk_1:prompt.txt")).toBe(
      "You are the coder.\n\nAdd the feature.",
    );
  });

  test("any other exit is a turn that died", async () => {
    await using environment = await createAgentEnvironment();
    expect(await runToOutcome(environment, command("process.exit(3)", "stdin"), taskOf())).toMatchObject({
      is: "finished",
      observed: { turn: "died", exit: { code: 3 }, pullRequest: null },
    });
  });
});
