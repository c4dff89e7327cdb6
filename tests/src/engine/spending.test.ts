import type { Actor, Block } from "@millrace/contracts";
import { MillraceError, NOTHING_SPENT, type AgentExecutor } from "@millrace/kernel";
import { heldEffect } from "@millrace/orchestration";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  completedCheck,
  Crash,
  createFaultPlan,
  createTestHost,
  summaryOf,
  withFaults,
  type ScriptedTurn,
  type TestHost,
  type TestHostOptions,
} from "@millrace/testing";

const UNIT = 1_000_000;
const cost = (costMicros: number | null): ScriptedTurn => ({
  say: "done",
  usage: {
    model: "scripted:scripted",
    tokens: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
    costMicros,
  },
});
const twoSteps = { steps: [{ kind: "researcher" }, { kind: "documenter" }] };
const free = { monthlyMicros: null, reserveInlineMicros: UNIT };

async function hostWith(budget: object, more: Partial<TestHostOptions> = {}): Promise<TestHost> {
  return createTestHost({ pipeline: twoSteps, script: { researcher: cost(UNIT), documenter: cost(UNIT) }, settings: { budget }, ...more });
}

async function total(host: TestHost, scope: string): Promise<{ readonly settledMicros: number; readonly reservedMicros: number }> {
  return host.store.spend.total(host.workspace.id, scope);
}

const MONTH = "month/1970-01";

describe("budgets (P6)", () => {
  it("a call that does not fit is not made: the run pauses in front of it, with a notification, until the month is over", async () => {
    const host = await hostWith({ monthlyMicros: 1.5 * UNIT, reserveInlineMicros: UNIT });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    let run = await host.run(id);
    expect(heldEffect(run)?.hold).toMatchObject({ because: "budget", until: Date.UTC(1970, 1, 1) });
    expect(host.agents.begun.map(({ kind }) => kind)).toEqual(["researcher"]);
    expect((await host.store.runs.get(host.workspace.id, id))?.status).toBe("paused");
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toMatchObject([{ type: "run_paused" }]);
    expect(await total(host, MONTH)).toEqual({ settledMicros: UNIT, reservedMicros: 0 });

    await host.drive();
    run = await host.run(id);
    expect(run.phase.is).toBe("done");
    expect(host.clock.now()).toBeGreaterThanOrEqual(Date.UTC(1970, 1, 1));
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toEqual([]);
    expect(await total(host, "month/1970-02")).toEqual({ settledMicros: UNIT, reservedMicros: 0 });
  });

  it("a task's own cap is lifted by people only; resuming without raising it pauses again", async () => {
    const host = await hostWith({ ...free, taskMicros: UNIT });
    const { id } = await host.start();
    await host.drive();
    const address = { workspaceId: host.workspace.id, runId: id, actor: host.user };
    expect(heldEffect(await host.run(id))?.hold).toMatchObject({ because: "budget", until: null });
    await host.execution.resume(address);
    await host.drive();
    expect(heldEffect(await host.run(id))).not.toBeNull();
    await host.settings.put({
      workspaceId: host.workspace.id,
      input: { budget: { ...free, taskMicros: 5 * UNIT } },
      actor: host.user,
    });
    expect((await host.execution.resumePaused(address)).resumed).toEqual([id]);
    await host.drive();
    expect(summaryOf(await host.run(id))).toBe("researcher:done documenter:done");
    await expect(host.execution.resume(address)).rejects.toMatchObject({ code: "conflict" });
  });

  it("the first call of a run can be refused too: the run is there, paused, and nothing was asked", async () => {
    const host = await hostWith({ ...free, runMicros: 0 });
    const { id } = await host.start();
    await host.drive();
    expect(heldEffect(await host.run(id))).not.toBeNull();
    expect(host.agents.begun).toEqual([]);
  });

  it("a call of unknown price costs what was reserved; one that was not metered costs nothing", async () => {
    const host = await hostWith(
      { monthlyMicros: 100 * UNIT, reserveInlineMicros: UNIT },
      { script: { researcher: cost(null), documenter: {} } },
    );
    await host.start();
    await host.drive();
    expect(await total(host, MONTH)).toEqual({ settledMicros: UNIT, reservedMicros: 0 });
  });

  it("a flat-rate kind goes on over budget; a kind whose rate cannot be told is metered (I9)", async () => {
    const flat =
      (is: (kind: string) => Promise<boolean>): NonNullable<TestHostOptions["wrap"]> =>
      (ports) => ({
        ...ports,
        agents: withQuota(ports.agents, is),
      });
    const exempt = await hostWith({ ...free, runMicros: 0 }, { wrap: flat(async () => true) });
    const first = await exempt.start();
    await exempt.drive();
    expect((await exempt.run(first.id)).phase.is).toBe("done");
    const unknown = await hostWith({ ...free, runMicros: 0 }, { wrap: flat(() => Promise.reject(new Error("no answer"))) });
    const second = await unknown.start();
    await unknown.drive();
    expect(heldEffect(await unknown.run(second.id))).not.toBeNull();
  });

  it("gates, people and finished runs reserve nothing; a stop gives back", async () => {
    const host = await hostWith(
      { monthlyMicros: 9 * UNIT, reserveJobMicros: 4 * UNIT },
      {
        pipeline: { steps: [{ kind: "architect", approval: { approvers: 1 } }] },
        script: { architect: { polls: 50, say: "design" } },
      },
    );
    const { id } = await host.start();
    expect(await total(host, MONTH)).toEqual({ settledMicros: 0, reservedMicros: 4 * UNIT });
    await host.execution.stop({ workspaceId: host.workspace.id, runId: id, as: "failed", reason: "enough", actor: host.user });
    await host.drive();
    expect(await total(host, MONTH)).toEqual({ settledMicros: 0, reservedMicros: 0 });
  });

  it("a helper that a gate sends reserves like any step: over budget it is not sent, and a panel's voices are not asked (W-43)", async () => {
    const budget = { monthlyMicros: null, reserveJobMicros: UNIT, runMicros: 1.5 * UNIT };
    const host = await hostWith(budget, {
      pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }] },
      script: { coder: { change: { a: "1" }, ...cost(UNIT) }, "ci-fixer": { change: { a: "2" } } },
    });
    host.forge.judgeWith(() => [completedCheck("test", "failure")]);
    const { id } = await host.start();
    await host.drive();
    expect(heldEffect(await host.run(id))).toMatchObject({ request: { do: "start-job", kind: "ci-fixer" }, hold: { because: "budget" } });
    expect(host.agents.begun.map(({ kind }) => kind)).toEqual(["coder"]);

    const participants = ["a", "b"].map((name) => ({ id: name, role: name, model: null }));
    const panel = await hostWith(
      { monthlyMicros: null, reserveInlineMicros: UNIT, runMicros: 1.5 * UNIT },
      { pipeline: { steps: [{ kind: "researcher", consensus: { strategy: "panel", participants } }] } },
    );
    const asked = await panel.start();
    await panel.drive();
    expect(heldEffect(await panel.run(asked.id))?.hold).toMatchObject({ because: "budget" });
    expect(panel.agents.begun).toHaveLength(1);
  });

  it("many runs against one budget never spend more than the cap and one overshoot per call in flight", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 30 }),
        fc.integer({ min: 2, max: 8 }),
        async (costs, cap) => {
          let call = 0;
          const host = await hostWith(
            { monthlyMicros: cap * UNIT, reserveInlineMicros: UNIT },
            {
              script: {
                researcher: () => cost((costs[call++ % costs.length] ?? 0) * UNIT),
                documenter: () => cost((costs[call++ % costs.length] ?? 0) * UNIT),
              },
            },
          );
          const runs: string[] = [];
          for (let task = 0; task < 5; task += 1) runs.push((await startAnother(host, task)).id);
          for (let turn = 0; turn < 60; turn += 1) {
            const runId = runs[(costs[turn % costs.length] ?? 0) + (turn % 2)] ?? runs[0] ?? "";
            await host.execution.advance({ workspaceId: host.workspace.id, runId });
            const { settledMicros, reservedMicros } = await total(host, MONTH);
            // Worst case: every call in flight when the cap was reached costs 2 units more than its reservation.
            expect(settledMicros).toBeLessThanOrEqual(cap * UNIT + runs.length * 2 * UNIT);
            expect(reservedMicros).toBeGreaterThanOrEqual(0);
            expect(reservedMicros).toBeLessThanOrEqual(cap * UNIT);
          }
        },
      ),
      { numRuns: 60, seed: 6 },
    );
  });

  it("a call that failed after it had spent something is tried again only under the caps, as every call", async () => {
    const unreadable = { ...cost(4 * UNIT), say: "I would rather not say" };
    const down = { throws: new MillraceError("unavailable", "not now") };
    const host = await hostWith(
      { ...free, taskMicros: 3 * UNIT },
      { pipeline: { steps: [{ kind: "task-estimator" }] }, script: { "task-estimator": [unreadable, down, unreadable] } },
    );
    const { id } = await host.start();
    await host.drive();
    expect(heldEffect(await host.run(id))).toMatchObject({ tries: 1, hold: { because: "budget", until: null } });
    expect(host.agents.begun).toHaveLength(1);
    expect(await total(host, `task/${host.task.id}`)).toEqual({ settledMicros: 4 * UNIT, reservedMicros: 0 });
  });

  it("a call that failed before it spent anything keeps its reservation, whatever other runs spend meanwhile", async () => {
    const down = { throws: new MillraceError("unavailable", "not now") };
    const turns = [down, cost(5 * UNIT)];
    const host = await hostWith({ ...free, monthlyMicros: 2 * UNIT }, { script: { researcher: () => turns.shift() ?? cost(UNIT) } });
    const runs = [(await startAnother(host, 1)).id, (await startAnother(host, 2)).id];
    for (const runId of runs) await host.execution.advance({ workspaceId: host.workspace.id, runId });
    const held = await Promise.all(runs.map(async (runId) => heldEffect(await host.run(runId))?.hold?.because ?? null));
    expect(held).toEqual([null, "budget"]);
    expect(await total(host, MONTH)).toEqual({ settledMicros: 5 * UNIT, reservedMicros: UNIT });
  });

  it("calls that cost what was reserved never exceed the cap at all", async () => {
    const host = await hostWith({ monthlyMicros: 3 * UNIT, reserveInlineMicros: UNIT });
    const runs: string[] = [];
    for (let task = 0; task < 4; task += 1) runs.push((await startAnother(host, task)).id);
    for (let turn = 0; turn < 20; turn += 1) await host.execution.advance({ workspaceId: host.workspace.id, runId: runs[turn % 4] ?? "" });
    expect(await total(host, MONTH)).toEqual({ settledMicros: 3 * UNIT, reservedMicros: 0 });
    expect(host.agents.begun).toHaveLength(3);
  });
});

describe("what was spent is what is settled (I15)", () => {
  const COST = 50;
  const spends = (more: ScriptedTurn): ScriptedTurn => ({ ...more, ...pick(cost(COST)) });
  const pick = ({ usage }: ScriptedTurn): ScriptedTurn => (usage === undefined ? {} : { usage });
  const budget = { monthlyMicros: null, reserveInlineMicros: 10, reserveJobMicros: 10 };
  const oneJob = { steps: [{ kind: "architect" }] };
  const settled = async (host: TestHost, id: string): Promise<readonly number[]> => {
    const { task } = host;
    const totals = await Promise.all([MONTH, `task/${task.id}`, `run/${id}`].map((scope) => total(host, scope)));
    expect(totals.map(({ reservedMicros }) => reservedMicros)).toEqual([0, 0, 0]);
    return totals.map(({ settledMicros }) => settledMicros);
  };

  it.each<[string, ScriptedTurn]>([
    ["failed", { fails: { code: "broke", message: "it gave up" } }],
    ["finished with work that is refused", { observed: { strayRefs: ["refs/heads/other"] } }],
    ["was refused its push", { fails: { code: "push_rejected", message: "the branch moved" } }],
  ])("F:B1 a job that %s", async (_name, turn) => {
    const host = await hostWith(budget, { pipeline: oneJob, script: { architect: spends(turn) } });
    const { id } = await host.start();
    await host.drive();
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
  });

  it("F:B1 jobs that are lost, evicted and out of quota are settled each, and so is the one that comes after", async () => {
    const turns: readonly ScriptedTurn[] = [{ lost: { transient: false } }, { lost: { transient: true } }, { outOfQuota: 1 }, {}];
    const host = await hostWith(budget, { pipeline: oneJob, script: { architect: turns.map(spends) } });
    const { id } = await host.start();
    await host.drive();
    const jobs = host.agents.begun.length;
    expect(jobs).toBeGreaterThan(1);
    expect(await settled(host, id)).toEqual([jobs * COST, jobs * COST, jobs * COST]);
  });

  it("F:B1 a job that is stopped, and one that times out", async () => {
    const host = await hostWith(budget, { pipeline: oneJob, script: { architect: spends({ polls: 9_999 }) } });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    await host.execution.stop({ workspaceId: host.workspace.id, runId: id, as: "cancelled", reason: "enough", actor: host.user });
    await host.drive();
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
    const late = await hostWith(budget, { pipeline: oneJob, script: { architect: spends({ polls: 9_999 }) } });
    const slow = await late.start();
    await late.execution.advance({ workspaceId: late.workspace.id, runId: slow.id });
    await late.drive(2000);
    expect((await late.run(slow.id)).phase).toMatchObject({ is: "failed", failure: { kind: "timeout" } });
    expect(await settled(late, slow.id)).toEqual([COST, COST, COST]);
  });

  it("F:B1 failing jobs reach the cap: the next one is held", async () => {
    const capped = { ...budget, taskMicros: 60, reserveJobMicros: 10 };
    const host = await hostWith(capped, { pipeline: oneJob, script: { architect: spends({ lost: { transient: true } }) } });
    const { id } = await host.start();
    await host.drive();
    expect(heldEffect(await host.run(id))?.hold).toMatchObject({ because: "budget" });
    expect(host.agents.begun).toHaveLength(2);
  });

  it("F:B1 a call that fails, and both calls of an answer that cannot be read", async () => {
    const failing = await hostWith(budget, { script: { researcher: spends({ fails: { code: "broke", message: "no" } }) } });
    const failed = await failing.start();
    await failing.drive();
    expect(await settled(failing, failed.id)).toEqual([COST, COST, COST]);
    const unreadable = spends({ say: "I would rather not say" });
    const host = await hostWith(budget, { pipeline: { steps: [{ kind: "task-estimator" }] }, script: { "task-estimator": unreadable } });
    const { id } = await host.start();
    await host.drive();
    expect((await host.store.usage.ofRun(host.workspace.id, id)).map(({ key }) => key)).toEqual([
      "run_1/0/1/work.1",
      "run_1/0/1/work.1+repair",
    ]);
    expect(await settled(host, id)).toEqual([2 * COST, 2 * COST, 2 * COST]);
  });

  it("F:B1 a repair that fails leaves the first call settled", async () => {
    const turns = [spends({ say: "no" }), { throws: new MillraceError("model_refused", "no more") }];
    const host = await hostWith(budget, { pipeline: { steps: [{ kind: "task-estimator" }] }, script: { "task-estimator": turns } });
    const { id } = await host.start();
    await host.drive();
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
  });

  it("F:B1 the voices of a panel, when one of them fails", async () => {
    const participants = ["a", "b"].map((name) => ({ id: name, role: name, model: null }));
    const turns = [spends({ say: "draft" }), spends({ fails: { code: "broke", message: "no" } })];
    const host = await hostWith(budget, {
      pipeline: { steps: [{ kind: "researcher", consensus: { strategy: "panel", participants } }] },
      script: { researcher: turns },
    });
    const { id } = await host.start();
    await host.drive();
    const calls = host.agents.begun.length;
    expect(calls).toBeGreaterThan(1);
    expect(await settled(host, id)).toEqual([calls * COST, calls * COST, calls * COST]);
  });

  it("F:B1 a call whose reply was lost is settled by the stop that ends it", async () => {
    const lost = new MillraceError("unavailable", "the connection broke");
    const host = await hostWith(budget, {
      script: { researcher: cost(COST) },
      wrap: (ports) => ({
        ...ports,
        agents: { ...forward(ports.agents), run: (task, signal) => ports.agents.run(task, signal).then(() => Promise.reject(lost)) },
      }),
    });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    await host.execution.stop({ workspaceId: host.workspace.id, runId: id, as: "cancelled", reason: "enough", actor: host.user });
    await host.drive();
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
  });

  it("F:B1 a call whose reply was lost is settled by the failure that ends it", async () => {
    let calls = 0;
    const lost = new MillraceError("unavailable", "the connection broke");
    const revoked = new MillraceError("agent_login", "the credential was revoked");
    const host = await hostWith(budget, {
      script: { researcher: cost(COST) },
      wrap: (ports) => ({
        ...ports,
        agents: {
          ...forward(ports.agents),
          async run(task, signal) {
            calls += 1;
            if (calls > 1) throw revoked;
            await ports.agents.run(task, signal);
            throw lost;
          },
        },
      }),
    });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "agent", code: "agent_login" } });
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
  });

  it("F:B1 a call whose process died with its reply is settled by the failure that ends it", async () => {
    const plan = createFaultPlan();
    const revoked = new MillraceError("agent_login", "the credential was revoked");
    let calls = 0;
    const host = await hostWith(budget, {
      script: { researcher: cost(COST) },
      wrap: (ports) => {
        const run: AgentExecutor["run"] = (task, signal) => {
          calls += 1;
          return calls > 1 ? Promise.reject(revoked) : ports.agents.run(task, signal);
        };
        return withFaults({ ...ports, agents: { ...forward(ports.agents), run } }, plan);
      },
    });
    const { id } = await host.start();
    plan.crashBeforeCommit.armed = true;
    await expect(host.execution.advance({ workspaceId: host.workspace.id, runId: id })).rejects.toBeInstanceOf(Crash);
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "agent", code: "agent_login" } });
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
  });

  it("F:B1 an answer that comes after the run was stopped is settled although nothing is decided about it", async () => {
    let stop = async (): Promise<unknown> => null;
    const host = await hostWith(budget, {
      script: { researcher: cost(COST) },
      wrap: (ports) => ({
        ...ports,
        agents: {
          ...forward(ports.agents),
          async run(task, signal) {
            await stop();
            return ports.agents.run(task, signal);
          },
          stopJob: async () => NOTHING_SPENT,
        },
      }),
    });
    const { id } = await host.start();
    const address = { workspaceId: host.workspace.id, runId: id };
    stop = () => host.execution.stop({ ...address, as: "cancelled", reason: "enough", actor: host.user });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("cancelled");
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
  });

  it("F:B2 a cost without token counts is counted", async () => {
    const usage = { model: "m", tokens: null, costMicros: COST };
    const host = await hostWith(budget, { pipeline: oneJob, script: { architect: { usage } } });
    const { id } = await host.start();
    await host.drive();
    expect(await settled(host, id)).toEqual([COST, COST, COST]);
  });

  it("F:B2 a call that says nothing of what it spent is settled at its reservation, and marked as estimated", async () => {
    const host = await hostWith(budget, { pipeline: oneJob, script: { architect: { usage: null } } });
    const { id } = await host.start();
    await host.drive();
    expect(await settled(host, id)).toEqual([10, 10, 10]);
    expect(await host.store.usage.ofRun(host.workspace.id, id)).toMatchObject([{ tokens: null, costMicros: null, settledMicros: 10 }]);
  });

  it.each(["reserveInlineMicros", "reserveJobMicros"])("F:B3 caps hold with %s: 0", async (name) => {
    const script = { researcher: cost(COST), documenter: cost(COST), architect: cost(COST) };
    const pipeline = name === "reserveJobMicros" ? { steps: [{ kind: "architect" }, { kind: "architect" }] } : twoSteps;
    for (const cap of ["monthlyMicros", "taskMicros", "runMicros"]) {
      const host = await hostWith({ monthlyMicros: null, [cap]: 1, [name]: 0 }, { script, pipeline });
      const { id } = await host.start();
      await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
      if (cap !== "monthlyMicros") await host.drive();
      else for (let turn = 0; turn < 5; turn += 1) await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
      expect(heldEffect(await host.run(id))?.hold).toMatchObject({ because: "budget" });
      expect(host.agents.begun).toHaveLength(1);
    }
  });

  it("F:B3 a cap of 0 lets no metered call start, whatever is reserved", async () => {
    const host = await hostWith({ monthlyMicros: null, runMicros: 0, reserveInlineMicros: 0 });
    const { id } = await host.start();
    await host.drive();
    expect(heldEffect(await host.run(id))?.hold).toMatchObject({ because: "budget" });
    expect(host.agents.begun).toEqual([]);
  });
});

describe("quota windows", () => {
  it.each([
    ["quota_exhausted", "quota"],
    ["rate_limited", "limit"],
  ] as const)("%s parks the run until the window opens, and counts as no failure", async (code, because) => {
    const resetAt = 3_600_000;
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }] },
      script: { researcher: {} },
      wrap: (ports) => ({
        ...ports,
        agents: limited(ports.agents, () => host.clock.now() < resetAt, new MillraceError(code, "used up", { details: { resetAt } })),
      }),
    });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    expect(heldEffect(await host.run(id))).toMatchObject({ tries: 0, hold: { because, until: resetAt } });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.clock.now()).toBe(resetAt);
  });

  it("a job that ran out of quota in the middle is dispatched again when the window opens, without spending its recovery", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "architect" }] },
      script: { architect: (_task, call) => (call === 0 ? { outOfQuota: 7_200_000 } : { say: "design" }) },
    });
    const { id } = await host.start();
    await host.drive();
    const run = await host.run(id);
    expect(run.phase.is).toBe("done");
    expect(run.steps[0]?.state).toMatchObject({ evictions: { crash: 0, transient: 0 } });
    expect(host.clock.now()).toBeGreaterThanOrEqual(7_200_000);
    expect(new Set(host.agents.begun.map(({ key }) => key)).size).toBe(2);
  });
});

async function startAnother(host: TestHost, index: number): Promise<{ readonly id: string }> {
  const { task, workspace, user } = host;
  const added: Block = await host.board.addTask({
    workspaceId: workspace.id,
    parentId: task.parentId ?? "",
    input: { title: `task ${index}` },
    actor: user satisfies Actor,
  });
  return host.execution.start({ workspaceId: workspace.id, blockId: added.id, pipelineId: host.pipeline.id, actor: user });
}

function withQuota(agents: AgentExecutor, is: (kind: string) => Promise<boolean>): AgentExecutor {
  return { ...forward(agents), rateOf: async (kind, request) => ((await is(kind)) ? "flat" : agents.rateOf(kind, request)) };
}

function limited(agents: AgentExecutor, isLimited: () => boolean, error: MillraceError): AgentExecutor {
  return { ...forward(agents), run: (task, signal) => (isLimited() ? Promise.reject(error) : agents.run(task, signal)) };
}

function forward(agents: AgentExecutor): AgentExecutor {
  return {
    resolveModel: (kind, request) => agents.resolveModel(kind, request),
    rateOf: (kind, request) => agents.rateOf(kind, request),
    run: (task, signal) => agents.run(task, signal),
    startJob: (task) => agents.startJob(task),
    pollJob: (handle) => agents.pollJob(handle),
    stopJob: (handle) => agents.stopJob(handle),
    forget: (handle) => agents.forget(handle),
  };
}
