import { openWait } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { completedCheck, createTestHost, summaryOf, type ScriptedKind, type TestHost, type TestHostOptions } from "@millrace/testing";

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };

async function hostWith(script: Readonly<Record<string, ScriptedKind>>, more: Partial<TestHostOptions> = {}): Promise<TestHost> {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "researcher" }, { kind: "coder" }, { kind: "ci" }, { kind: "merger" }] },
    script: { researcher: { say: "options" }, coder: { change: { a: "1" } }, merger: { answer: score }, ...script },
    ...more,
  });
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  return host;
}

const at = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId, actor: host.user });

describe("jobs", () => {
  it("a crash is recovered once, under a new key; the second one fails the run (W-10, W-24)", async () => {
    const host = await hostWith({ coder: { lost: { transient: false } } });
    const { id } = await host.start();
    await host.drive();
    const keys = host.agents.begun.filter((task) => task.kind === "coder").map((task) => task.key);
    expect(keys).toEqual([`${id}/1/1/work.1`, `${id}/1/1/work.2`]);
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "evicted", code: "job_lost" } });
  });

  it("a host that goes away has the larger budget", async () => {
    const host = await hostWith({ coder: (_task, call) => (call < 5 ? { lost: { transient: true } } : { change: { a: "1" } }) });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect((await host.run(id)).steps[1]?.state).toMatchObject({ evictions: { crash: 0, transient: 5 } });
  });

  it("an agent error that quotes an eviction is an agent error (W-50)", async () => {
    const host = await hostWith({ coder: { fails: { code: "agent_failed", message: "container evicted or crashed" } } });
    const { id } = await host.start();
    await host.drive();
    expect(host.agents.begun.filter((task) => task.kind === "coder")).toHaveLength(1);
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "job_failed" } });
  });

  it("a job that outlives its patience is stopped before the run says so", async () => {
    const host = await hostWith({ coder: { polls: 1_000_000 } });
    const { id } = await host.start();
    await host.drive(1000);
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "timeout" } });
    expect(host.agents.stopped).toEqual([`${id}/1/1/work.1`]);
    expect(host.agents.inFlight()).toEqual([]);
  });

  it("a job whose start was never confirmed is gone before the run says it failed (P9)", async () => {
    const { MillraceError } = await import("@millrace/kernel");
    const host = await hostWith(
      { coder: { polls: 1_000_000 } },
      {
        wrap: (ports) => {
          const startJob: typeof ports.agents.startJob = async (task) => {
            await ports.agents.startJob(task);
            throw new MillraceError("unavailable", "the connection broke before the answer arrived");
          };
          const { agents } = ports;
          const deaf = {
            resolveModel: agents.resolveModel.bind(agents),
            rateOf: agents.rateOf.bind(agents),
            run: agents.run.bind(agents),
            startJob,
            pollJob: agents.pollJob.bind(agents),
            stopJob: agents.stopJob.bind(agents),
            forget: agents.forget.bind(agents),
          };
          return { ...ports, agents: deaf };
        },
      },
    );
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "dispatch", code: "unavailable" } });
    expect(host.agents.stopped).toEqual([`${id}/1/1/work.1`]);
    expect(host.agents.inFlight()).toEqual([]);
  });

  it("an agent's word is no work (P2)", async () => {
    const host = await hostWith({ coder: { say: "I implemented and tested everything." } });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({
      is: "failed",
      failure: { kind: "completion", code: "nothing_committed", detail: "I implemented and tested everything." },
    });
  });
});

describe("errors of the world", () => {
  it("a passing error is tried again under the same key, with back-off (W-04)", async () => {
    const { MillraceError } = await import("@millrace/kernel");
    let calls = 0;
    const host = await hostWith({
      researcher: () => {
        calls += 1;
        return calls < 4 ? { throws: new MillraceError("model_failed", "503 from the provider") } : { say: "options" };
      },
    });
    const started = host.clock.now();
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.agents.begun[0]?.key).toBe(`${id}/0/1/work.1`);
    expect(host.clock.now() - started).toBeGreaterThanOrEqual(1000 + 2000 + 4000);
  });

  it("gives up after five tries and says how often it tried; a final error is not tried again", async () => {
    const { MillraceError } = await import("@millrace/kernel");
    const passing = await hostWith({ researcher: { throws: new MillraceError("model_failed", "503 from the provider") } });
    const first = await passing.start();
    await passing.drive();
    expect((await passing.run(first.id)).phase).toMatchObject({
      is: "failed",
      failure: { kind: "agent", code: "model_failed", message: "503 from the provider (tried 5 times)" },
    });

    const final = await hostWith({ coder: { throws: new MillraceError("agent_missing", "no such program", { fix: "install it" }) } });
    const second = await final.start();
    await final.drive();
    expect((await final.run(second.id)).phase).toMatchObject({
      is: "failed",
      failure: { kind: "dispatch", code: "agent_missing", message: "no such program; install it" },
    });
  });

  it("an agent's failure is a failure, never its output", async () => {
    const host = await hostWith({ researcher: { fails: { code: "x", message: "I could not" } } });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "agent" } });
    expect(await host.output(id, 0)).toBeNull();
  });
});

describe("stop means stopped (P9)", () => {
  it("a run is stopping until its job's exit was seen, then failed and retryable", async () => {
    const host = await hostWith({ coder: { polls: 1_000_000 } });
    const { id } = await host.start();
    await host.drive(12).catch(() => undefined);
    expect(summaryOf(await host.run(id))).toContain("coder:job");
    const stopping = await host.execution.stop({ ...at(host, id), as: "failed", reason: "changed my mind" });
    expect(stopping.phase.is).toBe("stopping");
    expect(host.agents.stopped).toEqual([]);
    await host.drive();
    expect(host.agents.stopped).toEqual([`${id}/1/1/work.1`]);
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "cancelled", message: "changed my mind" } });
  });

  it("a driver that worked from an older revision cannot resurrect it (W-11, I1)", async () => {
    const host = await hostWith({ coder: { polls: 3 } });
    const { id } = await host.start();
    let stopped = false;
    Object.assign(host.agents, {
      pollJob: async () => {
        if (!stopped) {
          stopped = true;
          await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "now" });
        }
        return { is: "ended", outcome: { is: "lost", transient: true, message: "killed" } };
      },
    });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("cancelled");
    expect(host.agents.begun.filter((task) => task.kind === "coder")).toHaveLength(1);
  });

  it("cancel gives the block back to the plan and keeps the history (W-12)", async () => {
    const host = await hostWith({ coder: { polls: 1_000_000 } });
    const { id } = await host.start();
    await host.drive(12).catch(() => undefined);
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "not needed" });
    await host.drive();
    expect(await host.block()).toMatchObject({ status: "planned", progress: 0, runId: null });
    expect((await host.run(id)).phase).toMatchObject({ is: "cancelled", by: { id: "ada" }, reason: "not needed" });
  });

  it("a teardown ends every run under a service and sees each exit, and touches no other service's", async () => {
    const host = await hostWith({ coder: { polls: 1_000_000 } }, { pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }] } });
    const { workspaceId, parentId } = host.task;
    const { repository, workspace, user: actor } = host;
    const elsewhere = await host.board.addService({
      workspaceId,
      title: "elsewhere",
      repository,
      checks: { ci: "none", requiredChecks: [] },
      actor,
    });
    const startTask = async (parent: string): Promise<string> => {
      const task = await host.board.addTask({ workspaceId, parentId: parent, input: { title: "another" }, actor });
      return (await host.execution.start({ workspaceId, blockId: task.id, pipelineId: host.pipeline.id, actor })).id;
    };
    const under = [(await host.start()).id, await startTask(parentId ?? "")];
    const other = await startTask(elsewhere.id);
    for (const runId of [...under, other]) await host.execution.advance({ workspaceId, runId });
    const ended = await host.execution.teardown({ workspaceId, blockId: parentId ?? "", actor, reason: "moved away" });
    expect(ended.toSorted()).toEqual(under.toSorted());
    for (const id of under) expect((await host.run(id)).phase).toMatchObject({ is: "cancelled", reason: "moved away" });
    expect((await host.run(other)).phase.is).toBe("live");
    expect((await host.store.runs.list(workspace.id, { live: true }, { limit: 10 })).map(({ id }) => id)).toEqual([other]);
  });

  it("a finished run is never changed by a late stop (W-17)", async () => {
    const host = await hostWith({});
    const { id } = await host.start();
    await host.drive();
    const before = await host.run(id);
    await expect(host.execution.stop({ ...at(host, id), as: "failed", reason: "late" })).rejects.toMatchObject({ code: "run_not_live" });
    expect(await host.run(id)).toEqual(before);
    expect(await host.execution.advance(at(host, id))).toEqual({ is: "resting", on: "finished" });
    expect(await host.run(id)).toEqual(before);
  });
});

describe("starting", () => {
  it("two starts at once leave one live run (W-13)", async () => {
    const host = await hostWith({});
    const starts = await Promise.allSettled([host.start(), host.start(), host.start()]);
    expect(starts.filter((start) => start.status === "fulfilled")).toHaveLength(1);
    expect(starts.find((start) => start.status === "rejected")).toMatchObject({ reason: { code: "run_in_progress" } });
  });

  it.each([
    ["unknown kinds", [{ kind: "wizard" }], "unknown agent kind"],
    ["helpers as steps", [{ kind: "coder" }, { kind: "ci-fixer" }], "is a helper"],
    ["a companion without its producer", [{ kind: "coder" }, { kind: "documenter" }, { kind: "reviewer" }], "must follow coder"],
    ["a merger without CI", [{ kind: "coder" }, { kind: "merger" }], "no gate before it that gives evidence"],
    ["a bar on a step that grades nothing", [{ kind: "coder", bar: 0.5 }], "grades nothing"],
    ["nothing enabled", [{ kind: "coder", enabled: false }], "every step is disabled"],
  ])("refuses %s before anything changes (W-31)", async (_name, steps, message) => {
    await expect(createTestHost({ pipeline: { steps } })).rejects.toMatchObject({
      code: "pipeline_invalid",
      message: expect.stringContaining(message),
    });
  });

  it("a new run of a task knows nothing of the pull request and the estimate that an older one left (W-38)", async () => {
    const host = await hostWith({});
    host.forge.judgeWith(() => [completedCheck("test", "failure")]);
    const { id } = await host.start();
    for (let turn = 0; turn < 60 && (await host.run(id)).pullRequest === null; turn += 1) await host.drive(1).catch(() => undefined);
    expect((await host.block()).pullRequest).toMatchObject({ number: 1 });
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "again" });
    await host.drive();
    expect(await host.start()).toMatchObject({ pullRequest: null, estimate: null, merged: null });
  });

  it("leaves out disabled steps and keeps them in the pipeline", async () => {
    const host = await hostWith({}, { pipeline: { steps: [{ kind: "documenter", enabled: false }, { kind: "researcher" }] } });
    const run = await host.start();
    expect(summaryOf(run)).toBe("researcher:effect");
    expect(host.pipeline.steps).toHaveLength(2);
  });

  it("a run keeps the pipeline it started with when the pipeline changes (P13)", async () => {
    const host = await hostWith({});
    const run = await host.start();
    await host.pipelines.put({
      workspaceId: host.workspace.id,
      input: { id: host.pipeline.id, name: "Other", steps: [{ kind: "documenter" }] },
      actor: host.user,
    });
    await host.drive();
    expect(await host.run(run.id)).toMatchObject({ phase: { is: "done" }, pipeline: run.pipeline });
    expect((await host.run(run.id)).steps).toHaveLength(4);
  });

  it("unknown ids are not found, by name", async () => {
    const host = await hostWith({});
    const request = { workspaceId: host.workspace.id, blockId: host.task.id, pipelineId: host.pipeline.id, actor: host.user };
    await expect(host.execution.start({ ...request, blockId: "blk_x" })).rejects.toMatchObject({
      code: "not_found",
      message: "block 'blk_x' does not exist",
    });
    await expect(host.execution.start({ ...request, pipelineId: "pl_x" })).rejects.toMatchObject({
      code: "not_found",
      message: "pipeline 'pl_x' does not exist",
    });
    await expect(host.execution.start({ ...request, workspaceId: "ws_x" })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("retry and restart", () => {
  it("a retry is a new run that resumes at the first unfinished step with the earlier outputs", async () => {
    const host = await hostWith({ coder: [{ say: "nothing" }, { change: { a: "1" } }] });
    const { id } = await host.start();
    await host.drive();
    const retried = await host.execution.retry(at(host, id));
    expect(retried.id).not.toBe(id);
    expect(retried).toMatchObject({ cursor: 1, supersedes: id });
    await host.drive();
    expect((await host.run(retried.id)).phase.is).toBe("done");
    expect(host.agents.begun.filter((task) => task.kind === "researcher")).toHaveLength(1);
    expect(await host.output(retried.id, 0)).toBe("options");
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toEqual([]);
  });

  it("only a failed run is retried", async () => {
    const host = await hostWith({ researcher: { question: { question: "?", options: [] } } });
    const { id } = await host.start();
    await host.drive();
    await expect(host.execution.retry(at(host, id))).rejects.toMatchObject({ code: "conflict" });
    expect(openWait(await host.run(id))).not.toBeNull();
  });

  it("a restart brings a live run down first, then begins at the step with every definition kept (I13)", async () => {
    const host = await hostWith(
      {},
      {
        pipeline: { steps: [{ kind: "researcher" }, { kind: "documenter", approval: { approvers: 2 }, instructions: "short" }] },
        script: { researcher: { say: "options" }, documenter: { say: "docs" } },
      },
    );
    const { id } = await host.start();
    await host.drive();
    const restarted = await host.execution.restart({ ...at(host, id), step: 0 });
    expect((await host.run(id)).phase).toMatchObject({ is: "cancelled", reason: "restarted from step 1" });
    expect(restarted.steps.map((step) => step.definition)).toEqual((await host.run(id)).steps.map((step) => step.definition));
    await host.drive();
    expect(host.agents.begun.filter((task) => task.kind === "researcher")).toHaveLength(2);
  });

  it("a step out of range, or behind unfinished ones, is refused and nothing is stopped (W-29)", async () => {
    const host = await hostWith({ researcher: { question: { question: "?", options: [] } } });
    const { id } = await host.start();
    await host.drive();
    for (const step of [-1, 4, 1.5])
      await expect(host.execution.restart({ ...at(host, id), step })).rejects.toMatchObject({
        code: "validation",
        message: expect.stringContaining("does not exist"),
      });
    await expect(host.execution.restart({ ...at(host, id), step: 2 })).rejects.toMatchObject({
      code: "validation",
      message: expect.stringContaining("comes after step 1"),
    });
    expect((await host.run(id)).phase.is).toBe("live");
  });

  it("the replaced run's old approval moves nothing (W-29)", async () => {
    const host = await hostWith(
      {},
      {
        pipeline: { steps: [{ kind: "researcher", approval: { approvers: 1 } }, { kind: "documenter" }] },
        script: { researcher: { say: "options" }, documenter: { say: "docs" } },
      },
    );
    const { id } = await host.start();
    await host.drive();
    const old = openWait(await host.run(id));
    await host.execution.restart({ ...at(host, id), step: 0 });
    await host.drive();
    await expect(
      host.execution.answer({ ...at(host, id), wait: old?.id ?? "", subject: old?.subject ?? "", reply: { answer: "approve" } }),
    ).rejects.toMatchObject({ code: "run_not_live" });
  });
});
