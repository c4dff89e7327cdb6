import type { AgentLaunch, LocalExecutorOptions } from "@millrace/executors";
import { isAgentCallError } from "@millrace/kernel";
import { describe, expect, test, vi } from "vitest";
import {
  createAgentEnvironment,
  liar,
  outcomeOf,
  runToOutcome,
  taskOf,
  type AgentEnvironment,
} from "../lying-agents/environment.fixture.js";

const COST = 250_000;
const TOKENS = { inputTokens: 1_000, outputTokens: 35, cacheReadTokens: 2_900, cacheWriteTokens: 100 };
const never = new AbortController().signal;

/** An agent that reports a cost as it works, and its tokens with its answer. */
function spender(mode: string, argument = ""): AgentLaunch {
  const launch = liar(mode, argument);
  const [program, ...args] = launch.argv;
  return { ...launch, argv: [program, ...args, "spends"] };
}

/** Resolves when the supervisor has written what was spent so far. */
async function metered(environment: AgentEnvironment): Promise<void> {
  await vi.waitFor(async () => expect((await environment.files())["usage.json"]).toContain(`${COST}`), { timeout: 20_000 });
}

describe("what a job spent is part of its outcome", () => {
  test.each<[string, string, Partial<LocalExecutorOptions>]>([
    ["honest", "finished", {}],
    ["refuses", "finished", {}],
    ["runs-out-of-tokens", "finished", {}],
    ["destroys-the-checkout", "failed", {}],
    ["someone-pushed-meanwhile", "failed", {}],
    ["fails-its-turn", "failed", {}],
    ["exits-0-mid-turn", "finished", {}],
    ["hangs-silently", "failed", { limits: { totalMs: 1_500, inactivityMs: 30_000, graceMs: 50 } }],
  ])("F:B1 an agent that %s (%s)", async (mode, is, options) => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, spender(mode, environment.bare), taskOf(), options);
    expect(outcome.is).toBe(is);
    const usage = outcome.is === "finished" ? outcome.answer.usage : outcome.usage;
    expect(usage).toMatchObject({ model: "agent:liar", costMicros: COST, call: expect.any(String) });
  });

  test("F:B1 a job whose supervisor was killed: what was metered until then is read", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(spender("hangs-silently"));
    const handle = await host.startJob(taskOf());
    await metered(environment);
    const supervisor: { pid: number } = JSON.parse((await environment.files())["supervisor.json"] ?? "");
    process.kill(supervisor.pid, "SIGKILL");
    await vi.waitFor(async () => expect((await host.pollJob(handle)).is).toBe("ended"), { timeout: 20_000 });
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "lost", usage: { costMicros: COST } });
  });

  test("F:B1 a stop says what was spent, however often it is asked", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(spender("hangs-silently"));
    const handle = await host.startJob(taskOf());
    await metered(environment);
    const first = await host.stopJob(handle);
    expect(first).toMatchObject({ costMicros: COST });
    expect(await host.stopJob(handle)).toEqual(first);
    expect(await outcomeOf(host, handle)).toMatchObject({ is: "failed", usage: first });
  });

  test("F:B2 an agent that reports a cost and no tokens is counted; one that reports nothing is unknown, not free", async () => {
    await using environment = await createAgentEnvironment();
    expect(await runToOutcome(environment, spender("fails-its-turn"), taskOf())).toMatchObject({
      usage: { tokens: null, costMicros: COST },
    });
    const silent = await runToOutcome(environment, liar("says-done"), taskOf({ key: "run_2/2/0/main.1" }));
    expect(silent).toMatchObject({ answer: { usage: { tokens: null, costMicros: null } } });
  });

  test("F:B4 tokens are reported by class: what was cached is not input, and reasoning is output", async () => {
    await using environment = await createAgentEnvironment();
    const outcome = await runToOutcome(environment, spender("honest"), taskOf());
    expect(outcome).toMatchObject({ answer: { usage: { tokens: TOKENS, costMicros: COST } } });
  });
});

describe("what an inline call spent is part of its failure", () => {
  test("F:B1 each try of a key is a call of its own", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(spender("refuses"));
    const calls = new Set<string | undefined>();
    for (let tries = 0; tries < 2; tries += 1) {
      const error: unknown = await host.run(taskOf(), never).catch((caught: unknown) => caught);
      expect(isAgentCallError(error) ? error.usage : error).toMatchObject({ costMicros: COST });
      if (isAgentCallError(error)) calls.add(error.usage?.call);
    }
    expect(calls.size).toBe(2);
  });

  test("F:B1 a call that was aborted", async () => {
    await using environment = await createAgentEnvironment();
    await using host = environment.host(spender("hangs-silently"));
    const stop = new AbortController();
    const call = host.run(taskOf(), stop.signal);
    await metered(environment);
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: "unavailable", usage: { costMicros: COST } });
  });
});
