/** Agents that work against the host. Each test also proves that its attack ran. */
import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCommandRunner, createJobReader, openSandbox } from "@millrace/executors";
import { createGitWorktrees } from "@millrace/integrations";
import { NOTHING_SPENT } from "@millrace/kernel";
import { describe, expect, it, vi } from "vitest";
import { CHANGE, NOTHING, createAgentEnvironment, liar, runToOutcome, taskOf, type AgentEnvironment } from "./environment.fixture.js";

const isPipe = (path: string): boolean => lstatSync(path).isFIFO();

/** The folder of the environment's one job. */
async function jobOf({ jobsDir }: AgentEnvironment): Promise<string> {
  return join(jobsDir, (await readdir(jobsDir)).find((name) => !name.startsWith(".")) ?? "");
}

describe("named pipes", () => {
  it("H:S3 a pipe that git itself waits for ends the job, not the host", async () => {
    await using environment = await createAgentEnvironment();
    const worktrees = createGitWorktrees({ remoteUrl: () => environment.bare, commands: createCommandRunner(), gitTimeoutMs: 2_000 });
    const outcome = await runToOutcome(environment, liar("pipes-its-head"), taskOf(), { worktrees });
    expect(isPipe(join(await jobOf(environment), "work", ".git", "HEAD"))).toBe(true);
    expect(outcome).toMatchObject({ is: "failed", code: "checkout_destroyed" });
  });

  it("H:S3 a pipe in place of the record of a clone is no record", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("pipes-its-record"), taskOf());
    expect(isPipe(join(await jobOf(environment), "quarantine", "record.json"))).toBe(true);
    expect(outcome).toMatchObject({ is: "failed", code: "checkout_destroyed" });
  });

  it("H:S3 H:S11 the file methods of the protocol are not there: nothing is read or written by a path that an agent names", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("asks-about-pipes"), taskOf({ contract: CHANGE }));
    expect(isPipe(join(await jobOf(environment), "work", "pipe-5"))).toBe(true);
    const answers: unknown = JSON.parse(outcome.is === "finished" ? outcome.answer.text : "null");
    expect(answers).toMatchObject(Array.from({ length: 8 }, () => ({ code: -32601 })));
  });

  it("H:S3 pipes in place of the control files block neither poll, reader nor stop", async () => {
    await using environment = await createAgentEnvironment();
    const proof = join(environment.root, "proof");
    await using host = environment.host(liar("pipes-the-control-files", proof));
    const handle = await host.startJob(taskOf());
    await vi.waitFor(async () => expect(await readFile(proof, "utf8")).toMatch(/^the pipes are there, says \d+$/), { timeout: 20_000 });
    const agent = Number((await readFile(proof, "utf8")).split(" ").at(-1));
    const folder = await jobOf(environment);
    const reader = createJobReader(environment.jobsDir);
    expect(["job.json", "exit.json", "outcome.json", "transcript.jsonl"].every((name) => isPipe(join(folder, name)))).toBe(true);
    await expect(reader.transcript(handle.key)).rejects.toMatchObject({ code: "file_unusable" });
    expect(await reader.progress(handle.key)).toBeNull();
    const polls = await Promise.all(Array.from({ length: 8 }, () => host.pollJob(handle)));
    for (const poll of polls) expect(poll).toMatchObject({ is: "ended", outcome: { is: "failed", code: "file_unusable" } });
    expect(() => process.kill(agent, 0)).toThrow("ESRCH");
    await host.stopJob(handle);
  });

  it("H:S3 a pipe in place of a supervisor's log is a typed error of the next start", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("says-done"));
    const task = taskOf({ repository: null, contract: NOTHING });
    await host.run(task, new AbortController().signal);
    const folder = await jobOf(environment);
    for (const name of ["supervisor.log", "job.json", "exit.json", "outcome.json", "supervisor.json"])
      execFileSync("rm", ["-f", join(folder, name)]);
    execFileSync("mkfifo", [join(folder, "supervisor.log")]);
    await expect(host.startJob(task)).rejects.toMatchObject({ code: "file_unusable" });
  });
});

const { works, problem, fix } = await openSandbox("bubblewrap").examine();

describe.skipIf(!works)(`an agent in a sandbox${works ? "" : ` (${problem}; ${fix})`}`, () => {
  it("H:S5 H:S7 control files that it forges are not the job's, and there is nothing to push to", async () => {
    await using environment = await createAgentEnvironment();
    const main = await environment.git("--git-dir", environment.bare, "rev-parse", "main");
    const outcome = await runToOutcome(environment, liar("forges-its-control-files", environment.bare), taskOf(), {
      sandbox: "bubblewrap",
    });
    expect(outcome).toMatchObject({ is: "finished", observed: { commits: 1, treeChanged: true, pullRequest: { number: 1 } } });
    const said: unknown = JSON.parse(outcome.is === "finished" ? outcome.answer.text : "null");
    // What it wrote beside its work is gone with its own view of the machine.
    expect(said).toEqual({
      attempts: ["../outcome.json written", "../exit.json written", "../checkout.json written", "../quarantine/record.json written"],
      pushed: ["refused", "refused"],
      remotes: "",
      seen: ["checkout.json", "exit.json", "outcome.json", "quarantine", "work"],
    });
    expect(JSON.stringify(await environment.files())).not.toContain("All checks pass");
    expect(await environment.git("--git-dir", environment.bare, "rev-parse", "main")).toBe(main);
  });
});

describe("floods", () => {
  it.each(["nests-deeply", "reads-no-answers"])("H:S14 an agent that %s ends with agent_protocol", async (mode) => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar(mode), taskOf());
    expect(outcome).toMatchObject({ is: "failed", code: "agent_protocol" });
    expect((await environment.files())["transcript.jsonl"]).toContain(
      mode === "nests-deeply" ? "nested deeper" : "without reading their answers",
    );
  });

  it("H:S14 of a flood of plans the last one is kept", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("floods-with-plans"), taskOf({ contract: NOTHING }));
    expect(outcome).toMatchObject({ is: "finished" });
    expect(JSON.parse((await environment.files())["progress.json"] ?? "")).toMatchObject({ items: [{ label: "plan 5000" }] });
  });
});

it("F:C12 an agent that ends its turn in a way of its own is agent_protocol, at the first poll", async () => {
  await using environment = await createAgentEnvironment();
  const outcome = await runToOutcome(environment, liar("ends-in-its-own-way"), taskOf());
  expect(outcome).toMatchObject({ is: "failed", code: "agent_protocol" });
  expect((await environment.files())["exit.json"]).toContain("stopReason");
});

describe("a stop needs nothing that an agent or a disk can take away", () => {
  it.each(["is deleted", "was never known here"])("F:C10 the processes of a job whose folder %s are stopped all the same", async (how) => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(liar("spawns-a-family-and-hangs"));
    const handle = await host.startJob(taskOf());
    await vi.waitFor(async () => expect((await environment.files())["transcript.jsonl"]).toContain("the family is up"), {
      timeout: 20_000,
    });
    const folder = await jobOf(environment);
    const own = () =>
      execFileSync("sh", [
        "-c",
        `grep -lsz "$0" /proc/[0-9]*/environ || true`,
        `^MILLRACE_\\(SANDBOX\\|SUPERVISOR\\)=${marker}$`,
      ]).toString();
    const { marker }: { marker: string } = JSON.parse(await readFile(join(folder, "job.json"), "utf8"));
    expect(own().trim().split("\n").length).toBeGreaterThanOrEqual(3);
    await rm(how === "is deleted" ? folder : environment.jobsDir, { recursive: true });
    await (how === "is deleted" ? host.stopJob(handle) : host.pollJob(handle));
    expect(own()).toBe("");
  });

  it("F:C7 a stop ends where nothing can be written, and a start says so in one typed error", async () => {
    await using environment = await createAgentEnvironment();
    await writeFile(environment.jobsDir, "in the place of the folder");
    await using host = environment.host(liar("honest"));
    await expect(host.startJob(taskOf())).rejects.toMatchObject({ code: "folder_unwritable", fix: "put a folder in its place" });
    await host.stopJob({ key: taskOf().key, ref: "x", model: null });
  });

  it("F:C7 a full disk is folder_unwritable, leaves no temporary file, and costs nothing: no agent was started", async () => {
    await using environment = await createAgentEnvironment();
    // No file may become longer than nothing: what a full disk does to a new file.
    const program = fileURLToPath(new URL("./full-disk.fixture.ts", import.meta.url));
    const hook = fileURLToPath(new URL("../../../packages/executors/src/source-hook.ts", import.meta.url));
    const argv = [process.execPath, "--conditions=millrace-source", "--import", hook, program, environment.jobsDir];
    const output = execFileSync("sh", ["-c", 'ulimit -f 0; exec "$@"', "sh", ...argv], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(JSON.parse(output)).toEqual({ start: "folder_unwritable", used: NOTHING_SPENT });
    expect(await readdir(await jobOf(environment))).toEqual([]);
  });
});

it("a job that is made again under its key is told apart for what it used, though its processes have the same marker", async () => {
  await using environment = await createAgentEnvironment();
  await using host = environment.host(liar("fails-its-turn"));
  const task = taskOf({ repository: null, contract: NOTHING });
  const request = async (): Promise<{ readonly marker: string; readonly call: string }> => {
    await host.startJob(task);
    const job = JSON.parse((await environment.files())["job.json"] ?? "") as { readonly marker: string; readonly call: string };
    await host.stopJob({ key: task.key, ref: "x", model: null });
    await rm(await jobOf(environment), { recursive: true });
    return job;
  };
  const [first, second] = [await request(), await request()];
  expect(second.marker).toBe(first.marker);
  expect(second.call).not.toBe(first.call);
});
