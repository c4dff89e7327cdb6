import { builtInAgentKinds, type AgentKind } from "@millrace/agents";
import { isMillraceError } from "@millrace/kernel";
import { defineStepKind, type Gate, type DefinedStepKind } from "@millrace/orchestration";
import { completedCheck, createTestHost, type ScriptedKind, type TestHost } from "@millrace/testing";
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
  answered: () => ({ to: "again" }),
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
