/** Jobs whose agents run in a sandbox: what they deliver, what they cannot reach, and that nothing of them is left. */
import { chmod, readFile, readdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createJobReader, openSandbox, type AgentLaunch, type LocalExecutorOptions } from "@millrace/executors";
import { describe, expect, it, vi } from "vitest";
import {
  CHANGE,
  NOTHING,
  createAgentEnvironment,
  liar,
  outcomeOf,
  runToOutcome,
  taskOf,
  type AgentEnvironment,
} from "../lying-agents/environment.fixture.js";

const { works, problem, fix } = await openSandbox("bubblewrap").examine();
const IN_SANDBOX: Partial<LocalExecutorOptions> = { sandbox: "bubblewrap" };

/** Processes of the machine that work in the folder of the environment's one job. */
async function atWork({ jobsDir }: AgentEnvironment): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  return folders.filter((folder) => folder.startsWith(jobsDir) && folder.endsWith("/work"));
}

async function saying(environment: AgentEnvironment, text: string): Promise<void> {
  await vi.waitFor(async () => expect((await environment.files())["transcript.jsonl"]).toContain(text), { timeout: 20_000 });
}

describe.skipIf(!works)(`a job in a sandbox${works ? "" : ` (${problem ?? ""}; ${fix ?? ""})`}`, () => {
  it.each(["honest", "honest-uncommitted", "greets-and-works"])("delivers the work of an agent that is %s", async (mode) => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar(mode), taskOf(), IN_SANDBOX);
    expect(outcome).toMatchObject({ is: "finished", observed: { commits: 1, treeChanged: true, pullRequest: { number: 1 } } });
    expect(await createJobReader(environment.jobsDir).sandboxesOf(taskOf().runId)).toEqual(["bubblewrap"]);
  });

  it("H:S12 cannot write when its contract delivers nothing, whatever its agent calls a write", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("writes-when-read-only"), taskOf({ contract: NOTHING }), IN_SANDBOX);
    expect(JSON.stringify(outcome) + ((await environment.files())["transcript.jsonl"] ?? "")).toContain("EROFS");
    const [job = ""] = await readdir(environment.jobsDir);
    expect(await readdir(join(environment.jobsDir, job, "work"))).not.toContain("notes.txt");
  });

  it("H:S4 has no process left after a stop, though they ignore signals and left their group", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"), IN_SANDBOX);
    const handle = await host.startJob(taskOf());
    await saying(environment, "the family is up");
    expect((await atWork(environment)).length).toBeGreaterThanOrEqual(3);
    await host.stopJob(handle);
    expect(await atWork(environment)).toEqual([]);
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "failed", code: "turn_cancelled" });
  });

  it("H:S4 has no process left when its supervisor is killed, before anyone looks", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"), IN_SANDBOX);
    const handle = await host.startJob(taskOf());
    await saying(environment, "the family is up");
    const supervisor: { pid: number } = JSON.parse((await environment.files())["supervisor.json"] ?? "");
    process.kill(supervisor.pid, "SIGKILL");
    await vi.waitFor(async () => expect(await atWork(environment)).toEqual([]), { timeout: 5_000 });
    await vi.waitFor(async () => expect((await host.pollJob(handle)).is).toBe("ended"), { timeout: 20_000 });
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "lost", transient: false });
  });

  it("H:S4 is stopped without its folder", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"), IN_SANDBOX);
    const handle = await host.startJob(taskOf());
    await saying(environment, "the family is up");
    const [job = ""] = await readdir(environment.jobsDir);
    for (const name of ["job.json", "supervisor.json"]) await writeFile(join(environment.jobsDir, job, name), "not what it was");
    await host.stopJob(handle);
    expect(await atWork(environment)).toEqual([]);
  });

  it("H:S5 H:S15 cannot reach its control files", async () => {
    await using environment = await createAgentEnvironment();
    const script = `ls -A "$PWD/.." >seen.txt; cat ../job.json ../supervisor.log >>seen.txt 2>&1; echo forged >../outcome.json; cat ../outcome.json >>seen.txt`;
    const launch: AgentLaunch = {
      via: "command",
      prompt: "stdin",
      name: "shell",
      argv: ["sh", "-c", script],
      installHint: "it is a shell",
    };
    const outcome = await runToOutcome(environment, launch, taskOf(), IN_SANDBOX);
    // What it wrote beside its work is in the private temporary folder, and gone.
    expect(outcome).toMatchObject({ is: "finished", observed: { commits: 1 } });
    const [job = ""] = await readdir(environment.jobsDir);
    const seen = await readFile(join(environment.jobsDir, job, "work", "seen.txt"), "utf8");
    expect(seen).toMatch(/^work\n.*job\.json.*\n.*supervisor\.log.*\nforged\n$/);
    expect((await environment.files())["outcome.json"]).not.toContain("forged");
  });

  it.each([
    ["stdin", ["sh", "-c", "cat >prompt.txt"]],
    ["file", ["sh", "-c", "cat {prompt_file} >prompt.txt"]],
    ["file", ["cp", "{prompt_file}", "prompt.txt"]],
  ] as const)("hands the prompt of a plain command over by %s", async (prompt, argv) => {
    await using environment = await createAgentEnvironment();
    const launch: AgentLaunch = { via: "command", prompt, name: "plain", argv, installHint: "it is there" };
    expect(await runToOutcome(environment, launch, taskOf(), IN_SANDBOX)).toMatchObject({ is: "finished", observed: { commits: 1 } });
    expect(await environment.git("--git-dir", environment.bare, "show", "millrace/blk_1:prompt.txt")).toContain("You are the coder.");
  });

  it("names an agent that is not there", async () => {
    await using environment = await createAgentEnvironment();
    const launch: AgentLaunch = { ...liar(""), argv: ["no-such-agent-of-millrace"], installHint: "install it from nowhere" };
    expect(await runToOutcome(environment, launch, taskOf(), IN_SANDBOX)).toMatchObject({
      is: "failed",
      code: "agent_missing",
      message: expect.stringContaining("install it from nowhere"),
    });
  });

  it("is refused for an agent that needs the user's home", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host({ ...liar("honest"), home: "user" }, IN_SANDBOX);
    await expect(host.startJob(taskOf({ contract: CHANGE }))).rejects.toMatchObject({
      code: "config_invalid",
      fix: expect.stringContaining("millrace sandbox none"),
    });
  });

  it.runIf(process.getuid?.() === 0)("says which file is for root alone", async () => {
    await using environment = await createAgentEnvironment();
    const login = join(environment.root, "login.json");
    await writeFile(login, "{}");
    await chmod(login, 0o600);
    const outcome = await runToOutcome(environment, { ...liar("honest"), visible: [login] }, taskOf(), IN_SANDBOX);
    expect(outcome).toMatchObject({ is: "failed", code: "validation", message: expect.stringContaining(login) });
  });
});
