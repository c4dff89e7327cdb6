import { builtInAgentKinds, type AgentKind } from "@millrace/agents";
import { runEventRecordSchema } from "@millrace/contracts";
import { isMillraceError, MillraceError, type Store } from "@millrace/kernel";
import { defineStepKind, fromRecord, replay, type Gate, type DefinedStepKind } from "@millrace/orchestration";
import { completedCheck, createTestHost, testUser, type ScriptedKind, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const [researcher] = builtInAgentKinds.filter(({ id }) => id === "researcher");
if (researcher === undefined) throw new Error("there is no researcher");
const audit: AgentKind = { ...researcher, id: "audit", step: "gate" };
const counting: AgentKind = { ...researcher, id: "counting", step: "counting" };

/** A gate with a defective rule. */
const auditGate: Gate = {
  name: "audit",
  helper: "ci-fixer",
  readsChecks: false,
  ownsConflicts: false,
  budget: () => 1,
  judge: () => {
    throw new TypeError("cannot read 'risk' of undefined");
  },
  briefs: () => [],
};

const stateSchema = z.strictObject({ kind: z.literal("counting") });

/** A step kind that starts a job and cannot read its result. */
const countingStep: DefinedStepKind = defineStepKind<z.infer<typeof stateSchema>, never>({
  name: "counting",
  state: stateSchema,
  fact: z.never(),
  initial: () => ({ kind: "counting" }),
  fold: (state) => state,
  enter: () => ({ to: "effect", phase: "work", request: { do: "start-job", kind: "counting", briefs: [] } }),
  onResult: () => {
    throw new RangeError("17 is not a count");
  },
  answered: () => ({ to: "poll-again" }),
});

async function hostWith(steps: readonly string[], script: Readonly<Record<string, ScriptedKind>> = {}): Promise<TestHost> {
  const host = await createTestHost({
    pipeline: { steps: steps.map((kind) => ({ kind })) },
    script: { coder: { change: { a: "1" } }, counting: { polls: 2 }, ...script },
    options: { agentKinds: [audit, counting], gates: [auditGate], stepKinds: [countingStep] },
  });
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  return host;
}

const wakeUpOf = async (host: TestHost) => host.wakeups.nextDueAt();

describe("F:C6: what throws out of a decision", () => {
  it("of a gate ends the run failed, with a notification, at once and for good", async () => {
    const host = await hostWith(["coder", "audit"]);
    const { id } = await host.start();
    await host.drive(20);
    expect((await host.run(id)).phase).toMatchObject({
      is: "failed",
      failure: {
        kind: "processing",
        code: "decision_failed",
        message: "the engine could not decide what comes next: cannot read 'risk' of undefined",
        step: 1,
      },
    });
    expect(await host.store.notifications.open(host.workspace.id, { limit: 9 })).toMatchObject([{ type: "run_failed", runId: id }]);
    expect((await host.block()).status).toBe("blocked");
    expect(await wakeUpOf(host)).toBeNull();
  });

  it("over a job ends the run once the job's end was seen", async () => {
    const host = await hostWith(["counting"]);
    const { id } = await host.start();
    await host.drive(20);
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { code: "decision_failed", step: 0 } });
    expect(host.agents.stopped).toEqual([`${id}/0/1/work.1`]);
    expect(host.agents.inFlight()).toEqual([]);
    expect(await wakeUpOf(host)).toBeNull();
  });

  it("lets the task be taken up again once the cause is gone: the run is retried where it was", async () => {
    const host = await hostWith(["coder", "audit"]);
    const { id } = await host.start();
    await host.drive(20);
    const retried = await host.execution.retry({ workspaceId: host.workspace.id, runId: id, actor: host.user });
    expect(retried).toMatchObject({ supersedes: id, cursor: 1 });
  });

  it("of a step that a start enters is told to the person who starts, and nothing is written", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "counting" }] },
      options: {
        agentKinds: [counting],
        stepKinds: [
          {
            ...countingStep,
            enter: () => {
              throw new RangeError("no counter");
            },
          },
        ],
      },
    });
    const refused = await host.start().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(isMillraceError(refused)).toBe(false);
    expect(await host.store.runs.list(host.workspace.id, {}, { limit: 9 })).toEqual([]);
    expect((await host.block()).status).toBe("planned");
  });
});

/** Writes a document that no build can read over the run's own, as a damaged database or a foreign program would. */
async function damage(host: TestHost, runId: string): Promise<void> {
  const record = await host.store.runs.get(host.workspace.id, runId);
  if (record === null) throw new Error(`there is no run ${runId}`);
  const document = { ...(typeof record.document === "object" ? record.document : {}), phase: "?" };
  const damaged = { ...record, document, revision: record.revision + 1 };
  await host.store.commit([{ change: "update-run", record: damaged, expected: record.revision }]);
}

/** What a run that cannot be read has become, from what can be read of it. */
async function ruins(host: TestHost, runId: string) {
  const workspaceId = host.workspace.id;
  const events = await host.store.events.ofRun(workspaceId, runId, 0, 1000);
  return {
    status: (await host.store.runs.summary(workspaceId, runId))?.status,
    notifications: (await host.store.notifications.open(workspaceId, { limit: 9 })).map(({ type }) => type),
    block: (await host.block()).status,
    wakesAt: await host.wakeups.nextDueAt(),
    lastEvent: events.at(-1)?.entry.event.type,
    liveOfBlock: await host.store.runs.liveOfBlock(workspaceId, host.task.id),
  };
}

const ENDED = {
  status: "failed",
  notifications: ["run_failed"],
  block: "blocked",
  wakesAt: null,
  lastEvent: "run-failed",
  liveOfBlock: null,
};

describe("F:C6: a stored run that cannot be read", () => {
  it("is ended failed by the next turn, with a notification; its job is stopped and its task can be started anew", async () => {
    const host = await hostWith(["coder", "ci"], { coder: { polls: 1_000_000 } });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    expect(host.agents.inFlight()).toHaveLength(1);
    await damage(host, id);
    await host.drive(20);
    expect(await ruins(host, id)).toEqual(ENDED);
    expect(host.agents.inFlight()).toEqual([]);
    const [notification] = await host.store.notifications.open(host.workspace.id, { limit: 1 });
    expect(notification?.body).toContain("stored in a shape this build cannot read");
    expect(await host.start()).toMatchObject({ phase: { is: "live" } });
  });

  it("F:B1 what its call had spent is settled by the write that ends it", async () => {
    const usage = { model: "m", tokens: null, costMicros: 70 };
    const host = await hostWith(["coder"], { coder: { polls: 1_000_000, usage } });
    const { id } = await host.start();
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    await damage(host, id);
    await host.drive(20);
    expect(await ruins(host, id)).toEqual(ENDED);
    expect(await host.store.spend.total(host.workspace.id, `run/${id}`)).toEqual({ settledMicros: 70, reservedMicros: 0 });
  });

  it("is ended by the teardown of its service, also while it waits for a person and has no wake-up", async () => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher", approval: { approvers: 1 } }] },
      script: { researcher: { say: "options" } },
    });
    const { id } = await host.start();
    await host.drive();
    await damage(host, id);
    const blockId = host.task.parentId ?? "";
    const ended = await host.execution.teardown({
      workspaceId: host.workspace.id,
      blockId,
      actor: testUser,
      reason: "the service goes",
    });
    expect(ended).toEqual([id]);
    expect(await ruins(host, id)).toEqual(ENDED);
  });

  it("whose row is no JSON at all is ended as well, and says that a job of it may still run", async () => {
    let unreadable: string | null = null;
    const blind = (store: Store): Store => ({
      ...store,
      runs: {
        ...store.runs,
        get: (workspaceId, id) => {
          if (id === unreadable) throw new MillraceError("stored_shape_invalid", `run '${id}' holds no JSON`);
          return store.runs.get(workspaceId, id);
        },
      },
    });
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder" }] },
      script: { coder: { polls: 1_000_000 } },
      wrap: (ports) => ({ ...ports, store: blind(ports.store) }),
    });
    const { id } = await host.start();
    unreadable = id;
    // What this process has committed itself it need not read; a stop from elsewhere moves the run, and it must.
    const record = await host.store.runs.get(host.workspace.id, id);
    if (record === null) throw new Error("there is no run");
    await host.store.commit([{ change: "update-run", record: { ...record, revision: record.revision + 1 }, expected: record.revision }]);
    await host.drive(20);
    expect(await ruins(host, id)).toEqual(ENDED);
    const [notification] = await host.store.notifications.open(host.workspace.id, { limit: 1 });
    expect(notification?.body).toContain("a job of it may still run");
  });

  it.each(["workspaces", "blocks", "notifications"] as const)(
    "F:C6 needs no other row to be ended: %s cannot be read either, nor the context of its decisions",
    async (rows) => {
      let isDamaged = false;
      const unreadable = (entity: string) => async (): Promise<never> => {
        throw new MillraceError("stored_shape_invalid", `${entity} 'x' is damaged`, { details: { entity } });
      };
      const blind = (store: Store): Store => ({
        ...store,
        get workspaces() {
          return isDamaged && rows === "workspaces" ? { ...store.workspaces, get: unreadable("workspace") } : store.workspaces;
        },
        get blocks() {
          return isDamaged && rows === "blocks" ? { ...store.blocks, get: unreadable("block") } : store.blocks;
        },
        get notifications() {
          return isDamaged && rows === "notifications"
            ? { ...store.notifications, ofRun: unreadable("notification") }
            : store.notifications;
        },
        get runs() {
          return isDamaged ? { ...store.runs, context: unreadable("preset") } : store.runs;
        },
      });
      const host = await createTestHost({
        pipeline: { steps: [{ kind: "coder" }, { kind: "ci" }] },
        script: { coder: { polls: 1_000_000 } },
        wrap: (ports) => ({ ...ports, store: blind(ports.store) }),
      });
      const { id } = await host.start();
      await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
      expect(host.agents.inFlight()).toHaveLength(1);
      isDamaged = true;
      await host.drive(20);
      expect(await ruins(host, id)).toEqual(ENDED);
      expect(host.agents.inFlight()).toEqual([]);
      const [notification] = await host.store.notifications.open(host.workspace.id, { limit: 1 });
      expect(notification?.body).toContain("restore the row that the message names");
    },
  );

  it("that a newer Millrace wrote is left to it", async () => {
    const host = await hostWith(["coder"], { coder: { polls: 1_000_000 } });
    const { id } = await host.start();
    const record = await host.store.runs.get(host.workspace.id, id);
    if (record === null) throw new Error("there is no run");
    const newer = { ...record, shapeVersion: 99, revision: record.revision + 1 };
    await host.store.commit([{ change: "update-run", record: newer, expected: record.revision }]);
    const turn = host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    expect(await turn.catch((error: unknown) => isMillraceError(error, "stored_shape_newer"))).toBe(true);
    expect((await host.store.runs.summary(host.workspace.id, id))?.status).toBe("running");
  });
});

describe("a run that was ended without its document", () => {
  it("reads as the fold of its history does (I11)", async () => {
    const host = await hostWith(["coder"]);
    const { id } = await host.start();
    const before = await host.store.runs.get(host.workspace.id, id);
    if (before === null) throw new Error("there is no run");
    await damage(host, id);
    await host.drive(9);
    const record = await host.store.runs.get(host.workspace.id, id);
    const history = await host.store.events.ofRun(host.workspace.id, id, 0, 1000);
    const events = history.flatMap(({ entry }) =>
      "event" in entry && runEventRecordSchema.safeParse(entry).success ? [runEventRecordSchema.parse(entry)] : [],
    );
    const registries = { kinds: host.kinds, stepKinds: host.stepKinds };
    if (record === null) throw new Error("there is no run");
    const read = fromRecord({ ...record, document: before.document });
    expect({ ...read, revision: events.length }).toEqual(replay(events, registries));
  });
});
