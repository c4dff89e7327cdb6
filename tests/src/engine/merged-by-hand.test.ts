/** A person merges a pull request at any moment: every way out of a run, and into one, learns it. */
import { MillraceError } from "@millrace/kernel";
import { composeOrchestration, openWait, type Orchestration, type OrchestrationPorts } from "@millrace/orchestration";
import type { PipelineInput, Run } from "@millrace/contracts";
import { openSqliteStore } from "@millrace/store-sql";
import { completedCheck, createTestHost, interceptPorts, type ScriptedKind, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const small = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
const risky = { ...small, risk: 1 };
const MERGES: PipelineInput["steps"] = [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }];
const MINUTE = 60_000;

interface Scenario {
  readonly steps?: PipelineInput["steps"];
  readonly script?: Readonly<Record<string, ScriptedKind>>;
  readonly wrap?: (ports: OrchestrationPorts) => OrchestrationPorts;
}

/** The scenarios, over each store. */
const DATABASES = {
  memory: {},
  sqlite: { database: (clock: TestHost["clock"]) => openSqliteStore({ path: ":memory:", clock, durability: "normal" }) },
} as const;

describe.each(["memory", "sqlite"] as const)("over the %s store", (database) => {
  async function hostWith({ steps = MERGES, script, wrap }: Scenario = {}): Promise<TestHost> {
    const host = await createTestHost({
      ...DATABASES[database],
      pipeline: { steps },
      script: {
        coder: (_task, call) => ({ change: { a: String(call) } }),
        merger: { answer: risky },
        documenter: { say: "docs" },
        ...script,
      },
      ...(wrap === undefined ? {} : { wrap }),
    });
    host.forge.judgeWith(() => [completedCheck("test", "success")]);
    return host;
  }

  /** A run that waits at its merger for a person's word. */
  async function waiting(options: Scenario = {}): Promise<{ readonly host: TestHost; readonly id: string }> {
    const host = await hostWith(options);
    const { id } = await host.start();
    await host.drive();
    expect(openWait(await host.run(id))?.on).toBe("merge");
    return { host, id };
  }

  /** A run that failed with a pull request. */
  async function failed(options: Scenario = {}): Promise<{ readonly host: TestHost; readonly id: string }> {
    const host = await hostWith({ script: { merger: { fails: { code: "broken", message: "no" } } }, ...options });
    const { id } = await host.start();
    await host.drive();
    expect(await host.block()).toMatchObject({ status: "blocked", merged: null });
    return { host, id };
  }

  /** A run that is paused in front of a job although the job runs: of two processes that asked for it, the one that was refused was first. */
  async function pausedBesideItsJob(
    merger: ScriptedKind,
    stop: (() => Promise<never>) | null = null,
  ): Promise<{ readonly host: TestHost; readonly id: string; readonly key: string }> {
    const host = await hostWith({
      script: { merger },
      wrap: (ports) =>
        interceptPorts(ports, async ({ port, method, args }, act) => {
          if (port === "agents" && method === "stopJob" && stop !== null) return stop();
          const result = await act();
          const [task] = args;
          const isMerger = method === "startJob" && typeof task === "object" && task !== null && "kind" in task && task.kind === "merger";
          if (isMerger) throw new MillraceError("quota_exhausted", "used up", { details: { resetAt: 1e13 } });
          return result;
        }),
    });
    const { id } = await host.start();
    await driveToPause(host, id);
    const [key] = host.agents.inFlight();
    if (key === undefined) throw new Error("the job does not run");
    return { host, id, key };
  }

  const at = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId, actor: host.user });
  const task = (host: TestHost) => ({
    workspaceId: host.workspace.id,
    blockId: host.task.id,
    actor: host.user,
    reason: "no longer needed",
  });
  const openCards = async (host: TestHost) =>
    (await host.store.notifications.open(host.workspace.id, { limit: 20 })).map(({ type }) => type);

  /** Expects the task to be done with the commit that a person landed, and nothing open. */
  async function expectLanded(host: TestHost): Promise<void> {
    const commit = host.forge.landed[0]?.commit ?? "";
    expect(host.forge.landed).toHaveLength(1);
    const [base, head] = host.forge.graph.get(commit).parents;
    expect(await host.block()).toMatchObject({ status: "done", progress: 1, merged: { commit, base, head } });
    expect(await openCards(host)).toEqual([]);
    expect(await host.store.runs.liveOfBlock(host.workspace.id, host.task.id)).toBeNull();
    expect(await host.wakeups.nextDueAt()).toBeNull();
    await expectLandedAtStart(host);
  }

  async function expectLandedAtStart(host: TestHost): Promise<void> {
    await expect(host.start()).rejects.toMatchObject({ code: "conflict", fix: "add a new task for further work" });
    expect(await host.block()).toMatchObject({ status: "done", merged: { commit: host.forge.landed[0]?.commit } });
  }

  describe("a person merges the pull request of a run that waits for them", () => {
    it("F:A6 reject: the run fails as rejected, and its task is done", async () => {
      const { host, id } = await waiting();
      await mergeByHand(host);
      const run = await host.reply(id, { answer: "reject", reason: "no" });
      expect(run).toMatchObject({ merged: host.forge.landed[0]?.commit, phase: { is: "failed", failure: { code: "merge_rejected" } } });
      await expectLanded(host);
    });

    it("F:A6 approve: what has landed is found and not merged again", async () => {
      const { host, id } = await waiting();
      await mergeByHand(host);
      await host.reply(id, { answer: "approve" });
      await host.drive();
      expect((await host.run(id)).phase.is).toBe("done");
      await expectLanded(host);
    });

    it("F:A6 request changes: there is nothing left to answer, and no agent is paid", async () => {
      const { host, id } = await waiting();
      await mergeByHand(host);
      const begun = host.agents.begun.length;
      await expect(host.reply(id, { answer: "request-changes", feedback: "again" })).rejects.toMatchObject({ code: "wait_closed" });
      await host.drive();
      expect(host.agents.begun).toHaveLength(begun);
      expect((await host.run(id)).phase.is).toBe("done");
      await expectLanded(host);
    });

    it("F:A6 approval of another step: what was yet to do towards the merge is passed by, what is behind it is done", async () => {
      const host = await hostWith({
        steps: [
          { kind: "coder" },
          { kind: "documenter", approval: { approvers: 1 } },
          { kind: "ci" },
          { kind: "merger" },
          { kind: "researcher" },
        ],
        script: { researcher: { say: "notes" } },
      });
      const { id } = await host.start();
      await host.drive();
      await mergeByHand(host);
      await expect(host.reply(id, { answer: "approve" })).rejects.toMatchObject({ code: "wait_closed" });
      await host.drive();
      const run = await host.run(id);
      expect(activities(run)).toBe("coder:done documenter:skipped ci:skipped merger:skipped researcher:done");
      expect(run.phase.is).toBe("done");
      await expectLanded(host);
    });

    it.each(["cancelled", "failed"] as const)("F:A6 stop as %s: the run ends with the merge recorded", async (as) => {
      const { host, id } = await waiting();
      await mergeByHand(host);
      await host.execution.stop({ ...at(host, id), as, reason: "enough" });
      await host.drive();
      expect(await host.run(id)).toMatchObject({ merged: host.forge.landed[0]?.commit, phase: { is: as } });
      await expectLanded(host);
    });

    it("F:A6 cancel: the task does not go back to the plan", async () => {
      const { host } = await waiting();
      await mergeByHand(host);
      await host.execution.cancel(task(host));
      expect((await host.block()).status).toBe("done");
      await expectLanded(host);
    });

    it("F:A6 teardown of the service: the task is done", async () => {
      const { host, id } = await waiting();
      await mergeByHand(host);
      const { parentId } = host.task;
      expect(await host.execution.teardown({ ...task(host), blockId: parentId ?? "" })).toEqual([id]);
      await expectLanded(host);
    });

    it("F:A6 teardown while a run without a pull request of its own is live: the task is done", async () => {
      const { host } = await failed();
      const { id } = await host.start();
      await mergeByHand(host);
      expect(await host.execution.teardown(task(host))).toEqual([id]);
      await expectLanded(host);
    });

    it("F:A6 restart: the run ends with what landed, and nothing begins again", async () => {
      const { host, id } = await waiting();
      await mergeByHand(host);
      await expect(host.execution.restart({ ...at(host, id), step: 0 })).rejects.toMatchObject({ code: "conflict" });
      await expectLanded(host);
    });

    it("F:A6 a nudge: the run looks, and at most once a minute", async () => {
      let reads = 0;
      const { host, id } = await waiting({
        wrap: (ports) =>
          interceptPorts(ports, ({ port, method }, act) => {
            if (port === "forge" && method === "findMerged") reads += 1;
            return act();
          }),
      });
      reads = 0;
      expect(await host.execution.nudge(at(host, id))).toBe(true);
      await host.execution.advance(at(host, id));
      expect(reads).toBe(1);
      const [looked] = [host.clock.now()];
      await mergeByHand(host);
      expect(await host.execution.nudge(at(host, id))).toBe(true);
      await host.drive();
      expect(host.clock.now() - looked).toBe(MINUTE);
      expect((await host.run(id)).phase.is).toBe("done");
      await expectLanded(host);
    });
  });

  describe("a person merges the pull request of a run that is paused", () => {
    it("F:A6 resume: the run goes on behind the merge, without the call it was paused in front of", async () => {
      const host = await hostWith({
        steps: [...MERGES, { kind: "researcher" }],
        script: { merger: { outOfQuota: 1e13 }, researcher: { say: "notes" } },
      });
      const { id } = await host.start();
      await driveToPause(host, id);
      await mergeByHand(host);
      const begun = host.agents.begun.length;
      await host.execution.resume(at(host, id));
      await host.drive();
      expect(activities(await host.run(id))).toBe("coder:done ci:done merger:skipped researcher:done");
      expect(host.agents.begun.slice(begun).map(({ kind }) => kind)).toEqual(["researcher"]);
      await expectLanded(host);
    });

    it("F:A6 a job that another process had started in front of the pause is stopped and settled first", async () => {
      const spends = { polls: 1000, usage: { model: "scripted:scripted", tokens: null, costMicros: 7 } };
      const { host, id, key } = await pausedBesideItsJob(spends);
      await mergeByHand(host);
      await host.execution.resume(at(host, id));
      await host.drive();
      expect((await host.run(id)).phase.is).toBe("done");
      expect(host.agents.stopped).toEqual([key]);
      expect(host.agents.inFlight()).toEqual([]);
      expect(await host.store.usage.ofRun(host.workspace.id, id)).toMatchObject([{ key, settledMicros: 7 }]);
      await expectLanded(host);
    });

    it("F:A6 a job whose end cannot be observed: the run does not end beside it", async () => {
      const { host, id, key } = await pausedBesideItsJob({ polls: 1000 }, () =>
        Promise.reject(new MillraceError("unavailable", "not now")),
      );
      await mergeByHand(host);
      await host.execution.advance(at(host, id));
      expect(await host.run(id)).toMatchObject({ merged: null, phase: { is: "live" } });
      expect(host.agents.inFlight()).toEqual([key]);
    });
  });

  describe("a person merges the pull request of an earlier run of the task", () => {
    /** A second run that waits for a person, and has opened no pull request yet. */
    async function waitingAgain(): Promise<{ readonly host: TestHost; readonly id: string }> {
      const asks = { question: { question: "which one?", options: ["this", "that"] } };
      const { host, id: first } = await waiting({ script: { coder: [{ change: { a: "1" } }, asks] } });
      await host.execution.stop({ ...at(host, first), as: "cancelled", reason: "enough" });
      await host.drive();
      const { id } = await host.start();
      await host.drive();
      expect(await host.run(id)).toMatchObject({ pullRequest: null, phase: { is: "live" } });
      await mergeByHand(host);
      return { host, id };
    }

    it("F:A6 a nudge: the run that waits has nothing left to do", async () => {
      const { host, id } = await waitingAgain();
      expect(await host.execution.nudge(at(host, id))).toBe(true);
      await host.drive();
      expect(activities(await host.run(id))).toBe("coder:skipped ci:skipped merger:skipped");
      await expectLanded(host);
    });

    it("F:A6 an answer: there is nothing left to answer", async () => {
      const { host, id } = await waitingAgain();
      await expect(host.reply(id, { answer: "choose", option: "this" })).rejects.toMatchObject({ code: "wait_closed" });
      await host.drive();
      expect((await host.run(id)).phase.is).toBe("done");
      await expectLanded(host);
    });
  });

  describe("a person merges the pull request while the run works", () => {
    it.each([
      ["its job fails", { fails: { code: "broken", message: "no" } }, "job_failed"],
      ["its job runs longer than is waited for", { polls: 1000 }, "timeout"],
    ] as const)("F:A6 %s: the run fails, and its task is done", async (_name, turn, kind) => {
      const host: TestHost = await hostWith({
        script: {
          merger: () => {
            void mergeByHand(host);
            return turn;
          },
        },
      });
      const { id } = await host.start();
      await host.drive(1000);
      expect(await host.run(id)).toMatchObject({
        merged: host.forge.landed[0]?.commit,
        phase: { is: "failed", failure: { kind, hint: "the change is merged all the same: nothing is left to do" } },
      });
      await expectLanded(host);
    });

    it("F:A6 a pipeline without a merger finishes: the task is done and does not wait for its merge", async () => {
      const host: TestHost = await hostWith({
        steps: [{ kind: "coder" }, { kind: "documenter" }],
        script: {
          documenter: () => {
            void mergeByHand(host);
            return { say: "docs" };
          },
        },
      });
      const { id } = await host.start();
      await host.drive();
      expect((await host.run(id)).phase.is).toBe("done");
      await expectLanded(host);
    });
  });

  describe("a person merges the pull request of a run that has ended", () => {
    it.each(["start", "retry", "restart", "merge"] as const)("F:A6 %s: the task is found done, and nothing begins", async (way) => {
      const { host, id } = await failed();
      await mergeByHand(host);
      const { execution } = host;
      const begun = {
        start: () => host.start(),
        retry: () => execution.retry(at(host, id)),
        restart: () => execution.restart({ ...at(host, id), step: 0 }),
        merge: () => execution.merge(task(host)),
      }[way]();
      await expect(begun).rejects.toMatchObject({ code: "conflict", fix: "add a new task for further work" });
      await expectLanded(host);
    });

    it.each(["cancel", "teardown"] as const)("F:A6 %s: the task is found done", async (way) => {
      const { host } = await failed();
      await mergeByHand(host);
      await host.execution[way](task(host));
      expect((await host.block()).status).toBe("done");
      await expectLanded(host);
    });

    it("F:A6 a start after a cancel finds it too", async () => {
      const { host } = await failed();
      await host.execution.cancel(task(host));
      expect(await host.block()).toMatchObject({ status: "planned" });
      await mergeByHand(host);
      await expect(host.start()).rejects.toMatchObject({ code: "conflict" });
      await expectLanded(host);
    });
  });

  it("F:A6 a pull request that was closed and opened again counts, whatever its number", async () => {
    const { host } = await waiting();
    host.forge.closePullRequest(host.repository, 1);
    await host.forge.openPullRequest(host.repository, { branch: `millrace/${host.task.id}`, title: "again", body: "" });
    await mergeByHand(host);
    await host.execution.cancel(task(host));
    expect((await host.block()).merged?.pullRequest.number).toBe(2);
    await expectLanded(host);
  });

  it("F:A6 a pull request that no run knew of counts: the job that opened it was stopped", async () => {
    const host = await hostWith({
      script: {
        coder: () => {
          host.forge.push(host.repository, `millrace/${host.task.id}`, { a: "1" });
          return { polls: 1000 };
        },
      },
    });
    const { id } = await host.start();
    for (let turn = 0; turn < 3; turn += 1) await host.execution.advance(at(host, id));
    await host.forge.openPullRequest(host.repository, { branch: `millrace/${host.task.id}`, title: "a task", body: "" });
    await host.execution.cancel(task(host));
    expect(await host.block()).toMatchObject({ status: "planned", pullRequest: null });
    await mergeByHand(host);
    await expectLandedAtStart(host);
  });

  it("F:A6 a run that cannot be read is ended, and its task is done", async () => {
    const { host, id } = await waiting();
    await mergeByHand(host);
    const record = await host.store.runs.get(host.workspace.id, id);
    if (record === null) throw new TypeError("the run is gone");
    const damaged = { ...record, revision: record.revision + 1, document: { cursor: 0, steps: [] } };
    await host.store.commit([{ change: "update-run", record: damaged, expected: record.revision }]);
    await host.execution.cancel(task(host));
    expect((await host.store.runs.summary(host.workspace.id, id))?.status).toBe("failed");
    await expectLanded(host);
  });

  it("F:A6 a forge that is down keeps nobody from stopping; the next look learns it", async () => {
    const forge = { isDown: false };
    const { host, id } = await waiting({
      wrap: (ports) =>
        interceptPorts(ports, ({ port }, act) => {
          if (port === "forge" && forge.isDown) throw new MillraceError("forge_failed", "no answer");
          return act();
        }),
    });
    await mergeByHand(host);
    forge.isDown = true;
    await host.reply(id, { answer: "reject", reason: "no" });
    expect((await host.run(id)).phase.is).toBe("failed");
    await host.execution.cancel(task(host));
    expect(await host.block()).toMatchObject({ status: "planned", merged: null });
    forge.isDown = false;
    await expect(host.start()).rejects.toMatchObject({ code: "conflict" });
    await expectLanded(host);
  });

  it("F:A6 a stop with a merge in flight asks a forge that is down for as long as a gate is waited for, then ends", async () => {
    const forge = { isDown: false };
    const host = await hostWith({
      script: { merger: { answer: small } },
      wrap: (ports) =>
        interceptPorts(ports, async ({ port, method }, act) => {
          if (port !== "forge") return act();
          if (method === "merge") forge.isDown = true;
          if (forge.isDown) throw new MillraceError("forge_failed", "no answer");
          return act();
        }),
    });
    const { id } = await host.start();
    while (!forge.isDown) {
      host.clock.advanceTo((await host.wakeups.nextDueAt()) ?? 0);
      await host.execution.advance(at(host, id));
    }
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "enough" });
    const since = host.clock.now();
    await host.execution.advance(at(host, id));
    expect((await host.run(id)).phase.is).toBe("stopping");
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("cancelled");
    expect(host.clock.now() - since).toBe(60 * MINUTE);
  });

  describe("a merge whose reply is lost while another process cancels", () => {
    /** The worker's merge lands after the other process has cancelled the run; then `reply` becomes of it. */
    async function cancelledMeanwhile(reply: "lost" | "never") {
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const plain: { ports: OrchestrationPorts | null } = { ports: null };
      const host = await hostWith({
        script: { merger: { answer: small } },
        wrap(ports) {
          plain.ports = ports;
          return interceptPorts(ports, async ({ port, method }, act) => {
            if (port !== "forge" || method !== "merge") return act();
            reached.resolve();
            await released.promise;
            await act();
            if (reply === "lost") throw new MillraceError("forge_failed", "the connection broke");
            return new Promise(() => undefined);
          });
        },
      });
      await host.start();
      const driven = host.drive();
      await reached.promise;
      if (plain.ports === null) throw new TypeError("the host took no ports");
      const other: Orchestration = composeOrchestration(plain.ports);
      await other.execution.cancel(task(host));
      expect(await host.block()).toMatchObject({ status: "planned", merged: null });
      released.resolve();
      return { host, other, driven };
    }

    it("F:A7 the worker that sent it looks, and the task is done", async () => {
      const { host, driven } = await cancelledMeanwhile("lost");
      await driven;
      expect((await host.block()).merged?.commit).toBe(host.forge.landed[0]?.commit);
      await expectLanded(host);
    });

    it("F:A7 the worker is gone: the next start finds the task done, and no run fails with an empty diff", async () => {
      const { host, other } = await cancelledMeanwhile("never");
      const started = other.execution.start({ ...task(host), pipelineId: host.pipeline.id });
      await expect(started).rejects.toMatchObject({ code: "conflict", fix: "add a new task for further work" });
      await expectLanded(host);
    });
  });

  describe("a step behind the merger fails once", () => {
    const BEHIND: PipelineInput["steps"] = [...MERGES, { kind: "documenter" }, { kind: "researcher" }];
    const script = {
      merger: { answer: small },
      documenter: [{ fails: { code: "broken", message: "no" } }, { say: "docs" }],
      researcher: { say: "notes" },
    };

    it("F:A8 a retry goes on at that step, and the task stays done", async () => {
      const host = await hostWith({ steps: BEHIND, script });
      const { id } = await host.start();
      await host.drive();
      const merged = { status: "done", progress: 1, merged: { commit: host.forge.landed[0]?.commit, runId: id } };
      expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { hint: expect.stringContaining("retry") } });
      expect(await host.block()).toMatchObject(merged);
      const again = await host.execution.retry(at(host, id));
      expect(await host.block()).toMatchObject(merged);
      await host.drive();
      const run = await host.run(again.id);
      expect(activities(run)).toBe("coder:done ci:done merger:done documenter:done researcher:done");
      expect(run).toMatchObject({ merged: host.forge.landed[0]?.commit, supersedes: id, phase: { is: "done" } });
      expect(host.agents.begun.filter(({ kind }) => kind === "coder" || kind === "merger")).toHaveLength(2);
      expect(await host.block()).toMatchObject(merged);
      await expectLanded(host);
    });

    it("F:A8 a run that was stopped at its merger, whose change a person merged, is taken up behind it", async () => {
      const { host, id } = await waiting({ steps: BEHIND, script: { ...script, merger: { answer: risky }, documenter: { say: "docs" } } });
      await mergeByHand(host);
      await host.reply(id, { answer: "reject", reason: "no" });
      const again = await host.execution.retry(at(host, id));
      await host.drive();
      expect(activities(await host.run(again.id))).toBe("coder:done ci:done merger:skipped documenter:done researcher:done");
      await expectLanded(host);
    });

    it("F:A8 a merged task with nothing behind its merge is refused", async () => {
      const { host, id } = await waiting();
      await mergeByHand(host);
      await host.reply(id, { answer: "reject", reason: "no" });
      await expect(host.execution.retry(at(host, id))).rejects.toMatchObject({ code: "conflict", fix: "add a new task for further work" });
    });

    it("F:A8 cancel of a merged task takes the card of its failed run away", async () => {
      const host = await hostWith({ steps: BEHIND, script });
      await host.start();
      await host.drive();
      expect(await openCards(host)).toEqual(["run_failed"]);
      await host.execution.cancel(task(host));
      await expectLanded(host);
    });
  });
});

/** A person presses the button: the branch as it is, into the base as it is. */
async function mergeByHand(host: TestHost): Promise<void> {
  const branch = `millrace/${host.task.id}`;
  const pullRequest = await host.forge.findPullRequest(host.repository, branch);
  const [head, base] = [host.forge.head(host.repository, branch), host.forge.head(host.repository, "main")];
  if (pullRequest === null || head === null || base === null) throw new TypeError("there is nothing to merge");
  await host.forge.merge(host.repository, pullRequest, { head, base }, "by hand");
}

/** Drives until the run is paused. */
async function driveToPause(host: TestHost, runId: string): Promise<void> {
  const address = { workspaceId: host.workspace.id, runId };
  for (let turn = 0; turn < 100; turn += 1) {
    if ((await host.store.runs.summary(address.workspaceId, runId))?.status === "paused") return;
    host.clock.advanceTo((await host.wakeups.nextDueAt()) ?? host.clock.now());
    await host.execution.advance(address);
  }
  throw new RangeError("the run was not paused");
}

function activities(run: Run): string {
  return run.steps.map((step) => `${step.definition.kind}:${step.activity.is}`).join(" ");
}
