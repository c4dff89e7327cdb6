/** Agents in a sandbox that reach their model through a door of the host: what they used is measured, bounded, and survives the host. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { knownAgents, openSandbox, type LocalExecutor, type LocalExecutorOptions } from "@millrace/executors";
import { modelProxyOff, type JobOutcome } from "@millrace/kernel";
import { hostDoors } from "@millrace/runtime-host";
import { describe, expect, it, vi } from "vitest";
import { createAgentEnvironment, outcomeOf, runToOutcome, taskOf, type AgentEnvironment } from "../lying-agents/environment.fixture.js";
import { caller, doorsTo, MODEL, PROVIDER_KEY, realClock, startProvider, USED, type ModelProvider } from "./model-doors.fixture.js";
import type { ModelHostOptions } from "./model-host.fixture.js";

const { works, problem, fix } = await openSandbox("bubblewrap").examine();
const SOURCE_HOOK = fileURLToPath(new URL("../../../packages/executors/src/source-hook.ts", import.meta.url));
const HOST = fileURLToPath(new URL("model-host.fixture.ts", import.meta.url));
/** Prices of the model: 0.25 and 2 for a million tokens. */
const CALL_MICROS = (USED.input * 0.25 + USED.output * 2) | 0;

const behind = ({ root }: AgentEnvironment, { url }: ModelProvider): Partial<LocalExecutorOptions> => ({
  sandbox: "bubblewrap",
  modelProxy: doorsTo(url, root),
  clock: realClock,
});

/** The outcome of the environment's job once it has one. */
async function ended(host: LocalExecutor): Promise<JobOutcome> {
  const handle = { key: taskOf().key, ref: "", model: null };
  await vi.waitFor(async () => expect((await host.pollJob(handle)).is).toBe("ended"), { timeout: 20_000, interval: 50 });
  return outcomeOf(host, handle);
}

const saidIn = (environment: AgentEnvironment): Promise<string> =>
  environment.git("--git-dir", environment.bare, "show", "millrace/blk_1:said.txt");
const doorsOf = async ({ root }: AgentEnvironment): Promise<readonly string[]> => readdir(hostDoors(root).folder).catch(() => []);

describe.skipIf(!works)(`an agent with a model door${works ? "" : ` (${problem ?? ""}; ${fix ?? ""})`}`, () => {
  it("has one model, and what it used is measured", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider();
    const outcome = await runToOutcome(environment, caller("once"), taskOf(), behind(environment, provider));
    expect(outcome).toMatchObject({
      is: "finished",
      answer: {
        model: `agent:caller on ${MODEL}`,
        usage: { model: MODEL, costMicros: CALL_MICROS, tokens: { inputTokens: USED.input, outputTokens: USED.output } },
      },
      observed: { commits: 1 },
    });
    expect(provider.requests).toEqual([expect.stringMatching(new RegExp(`^Bearer ${PROVIDER_KEY} .*"model":"gpt-5-mini"`))]);
    expect(await doorsOf(environment)).toEqual([]);
  });

  it("H:S9 has a token of its own, which is on no disk, and not the provider's key", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider();
    await runToOutcome(environment, caller("once"), taskOf(), behind(environment, provider));
    expect(await saidIn(environment)).toMatch(/MODEL_TOKEN/);
    const files = JSON.stringify(await environment.files());
    expect(files).toContain("door.json");
    expect(files).not.toMatch(/mrt_[\w-]{20}/);
    expect(files + (await saidIn(environment))).not.toContain(PROVIDER_KEY);
  });

  it("H:budget that calls its model in a loop stops at its reservation", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider();
    const reservationMicros = 3_000;
    const outcome = await runToOutcome(environment, caller("loops"), taskOf({ reservationMicros }), behind(environment, provider));
    expect(outcome).toMatchObject({ is: "finished", answer: { text: expect.stringMatching(/^\d+ calls, then 402$/) } });
    const { spend } = JSON.parse((await environment.files())["door.json"] ?? "");
    console.log(
      `reserved ${reservationMicros}, spent ${spend.usage.costMicros} in ${spend.calls} calls, overshoot ${spend.overshootMicros}`,
    );
    expect(spend).toMatchObject({ calls: provider.requests.length, overshootMicros: 0 });
    expect(spend.usage.costMicros).toBeGreaterThan(reservationMicros / 2);
    expect(spend.usage.costMicros).toBeLessThanOrEqual(reservationMicros);
  });

  it("goes on when its host is killed in the middle of a call, which counts as it was reserved", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider((index) => index === 1);
    const { root, jobsDir, bare } = environment;
    const options: ModelHostOptions = { root, jobsDir, bare, url: provider.url, launch: caller("twice"), task: taskOf() };
    const flags = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", "--import", SOURCE_HOOK];
    const killed = spawn(process.execPath, [...flags, HOST, JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit"] });
    await provider.seen(2);
    killed.kill("SIGKILL");
    await once(killed, "exit");
    await using host = environment.host(caller("twice"), behind(environment, provider));
    expect(await ended(host)).toMatchObject({ is: "finished", answer: { usage: { tokens: { outputTokens: 2 * USED.output } } } });
    const { spend } = JSON.parse((await environment.files())["door.json"] ?? "");
    expect(spend).toMatchObject({ calls: 3, estimatedCalls: 1 });
    expect(spend.usage.costMicros).toBeGreaterThan(3 * CALL_MICROS - 50);
    expect(await doorsOf(environment)).toEqual([]);
  });

  it("goes on when its host is closed and opened again", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider((index) => index === 1);
    {
      await using host = environment.host(caller("twice"), behind(environment, provider));
      await host.startJob(taskOf());
      await provider.seen(2);
    }
    await using host = environment.host(caller("twice"), behind(environment, provider));
    expect(await ended(host)).toMatchObject({ is: "finished" });
    expect(provider.requests).toHaveLength(3);
    const { spend } = JSON.parse((await environment.files())["door.json"] ?? "");
    expect(spend).toMatchObject({ calls: 3, estimatedCalls: 1 });
  });

  it("has no door any more when another host of the folder records its end", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider();
    await using holder = environment.host(caller("once"), behind(environment, provider));
    await using other = environment.host(caller("once"), behind(environment, provider));
    await holder.startJob(taskOf());
    expect(await ended(other)).toMatchObject({ is: "finished", answer: { usage: { costMicros: CALL_MICROS } } });
    await vi.waitFor(async () => expect(await doorsOf(environment)).toEqual([]), { timeout: 5_000 });
  });

  it("is stopped with what it used, and its door is gone", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider((index) => index === 1);
    await using host = environment.host(caller("twice"), behind(environment, provider));
    const handle = await host.startJob(taskOf());
    await provider.seen(2);
    expect(await doorsOf(environment)).toHaveLength(1);
    expect(await host.stopJob(handle)).toMatchObject({ model: MODEL, tokens: { outputTokens: USED.output } });
    expect(await doorsOf(environment)).toEqual([]);
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "failed", usage: { tokens: { outputTokens: USED.output } } });
  });

  it("is metered, and without a sandbox it has the plan of its own login", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider();
    await using inside = environment.host(caller("once"), behind(environment, provider));
    await using outside = environment.host(caller("once"), { ...behind(environment, provider), sandbox: "none" });
    expect([await inside.rateOf("coder", "start-job"), await outside.rateOf("coder", "start-job")]).toEqual(["job", "flat"]);
  });

  it.each(["claude", "codex", "opencode"] as const)("is refused on a host without providers: %s", async (name) => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(knownAgents[name], { sandbox: "bubblewrap", modelProxy: modelProxyOff });
    await expect(host.startJob(taskOf())).rejects.toMatchObject({
      code: "config_invalid",
      fix: expect.stringContaining("millrace sandbox none"),
    });
    expect(existsSync(join(environment.jobsDir, "work"))).toBe(false);
  });

  it("is refused when its model is not to be had in its API", async () => {
    await using environment = await createAgentEnvironment();
    await using provider = await startProvider();
    const launch = { ...caller("once"), model: { format: "openai-responses", model: MODEL, env: {} } } as const;
    await using host = environment.host(launch, behind(environment, provider));
    await expect(host.startJob(taskOf())).rejects.toMatchObject({ code: "config_invalid" });
    expect(await doorsOf(environment)).toEqual([]);
  });
});
