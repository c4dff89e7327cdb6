/** Agents that attack the supervisor of their job: its protocol, its patience, its accounts, and the first process of their sandbox. */
import { readdir, readlink } from "node:fs/promises";
import { openSandbox } from "@millrace/executors";
import { describe, expect, it } from "vitest";
import { NOTHING, createAgentEnvironment, liar, runToOutcome, taskOf, type AgentEnvironment } from "./environment.fixture.js";

const { works, problem, fix } = await openSandbox("bubblewrap").examine();
const sandboxes = works ? (["none", "bubblewrap"] as const) : (["none"] as const);
const LIMITS = { totalMs: 6_000, inactivityMs: 2_000, graceMs: 100 };

/** Processes of the machine that work in a folder of the environment's jobs. */
async function atWork({ jobsDir }: AgentEnvironment): Promise<number> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  return folders.filter((folder) => folder.startsWith(jobsDir) && folder.endsWith("/work")).length;
}

describe.each(sandboxes)("in the sandbox '%s', an agent", (sandbox) => {
  it("H:X18 slow loris: that sends a message byte by byte and never ends it says nothing, and its time is up", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("drips"), taskOf(), { sandbox, limits: LIMITS });
    expect(outcome).toMatchObject({ is: "failed", code: "agent_timeout" });
    expect((await environment.files())["transcript.jsonl"]).toContain("dripping");
    expect(await atWork(environment)).toBe(0);
  });

  it("H:X19 an endless line: of more than a message may have ends with agent_protocol", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("never-ends-its-line"), taskOf(), { sandbox });
    expect(outcome).toMatchObject({ is: "failed", code: "agent_protocol" });
  });

  it.each(["below-zero", "no-number", "too-much"])("H:X20 a forged usage report: that spent %s gives nothing back", async (amount) => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("forges-its-usage", amount), taskOf({ contract: NOTHING }), { sandbox });
    const usage = outcome.is === "finished" ? outcome.answer.usage : outcome.is === "failed" ? outcome.usage : null;
    expect(JSON.stringify(outcome)).toContain(outcome.is === "finished" ? "forged" : "agent_protocol");
    expect(usage?.costMicros ?? 0).toBeGreaterThanOrEqual(0);
    expect(usage?.tokens ?? null).toBeNull();
  });
});

describe.skipIf(!works)(`an agent in a sandbox${works ? "" : ` (${problem}; ${fix})`}`, () => {
  it("H:X21 ptrace of its first process: a sandbox that it stops is ended with its time, and nothing of it is left", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, liar("stops-its-sandbox"), taskOf(), { sandbox: "bubblewrap", limits: LIMITS });
    expect((await environment.files())["transcript.jsonl"]).toContain("traced: 0");
    expect(outcome).toMatchObject({ is: "failed" });
    expect(await atWork(environment)).toBe(0);
  });
});
