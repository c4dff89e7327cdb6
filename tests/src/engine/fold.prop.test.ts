import { modelCatalogueOff } from "@millrace/kernel";
import type { HumanWait, Run, RunEvent } from "@millrace/contracts";
import {
  createRegistries,
  decide,
  due,
  evolve,
  isLive,
  openWait,
  replay,
  type Command,
  type DecisionInput,
  type Registries,
} from "@millrace/orchestration";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Crash, createFaultPlan, withFaults, completedCheck, createTestHost, type TestHost } from "@millrace/testing";

const registries: Registries = createRegistries();
const RUNS = Number(process.env["MILLRACE_FOLD_RUNS"] ?? 100);

/** Drives a run under random faults and answers, and returns it with its history. */
async function randomRun(
  choices: readonly number[],
): Promise<{ readonly host: TestHost; readonly run: Run; readonly history: readonly RunEvent[]; readonly crashes: number }> {
  const plan = createFaultPlan();
  let at = 0;
  const pick = (below: number): number => (choices[at++ % choices.length] ?? 0) % below;
  const host = await createTestHost({
    pipeline: {
      steps: [
        { kind: "architect", approval: { approvers: 1 } },
        { kind: "coder" },
        { kind: "reviewer" },
        { kind: "conflicts" },
        { kind: "ci" },
        { kind: "merger" },
      ],
    },
    script: {
      architect: () => (pick(4) === 0 ? { question: { question: "which?", options: ["a", "b"] } } : { say: `design ${at}` }),
      coder: () => (pick(6) === 0 ? { lost: { transient: pick(2) === 0 } } : { change: { a: String(at) } }),
      reviewer: () => ({ answer: { rating: pick(10) / 10, summary: "graded", comments: [] } }),
      "ci-fixer": () => ({ change: { a: `good ${at}` } }),
      merger: () => ({ answer: { complexity: pick(10) / 10, risk: 0, impact: 0, rationale: "looked" } }),
    },
    wrap: (ports) => withFaults(ports, plan),
  });
  host.forge.judgeWith((_head, tree) => [completedCheck("test", pick(3) === 0 && !tree["a"]?.startsWith("good") ? "failure" : "success")]);
  const { id } = await host.start();
  let crashes = 0;
  for (let turn = 0; turn < 80; turn += 1) {
    const fault = pick(8);
    if (fault === 0) plan.crashBeforeCommit.armed = true;
    if (fault === 1) plan.crashAfterCommit.armed = true;
    if (fault === 2) plan.loseReply.armed = true;
    const run = await host.run(id);
    const wait = openWait(run);
    if (!isLive(run)) break;
    const act =
      wait === null ? host.execution.advance({ workspaceId: host.workspace.id, runId: id }) : host.reply(id, answerTo(wait.on, pick(3)));
    await act.catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      crashes += 1;
    });
    host.clock.advance(1000 * pick(60));
  }
  const logged = await host.store.events.ofRun(host.workspace.id, id, 0, 1000);
  return { host, run: await host.run(id), history: logged.map((event) => event.entry as RunEvent), crashes };
}

async function inputOf(host: TestHost, registries: Registries): Promise<DecisionInput> {
  const preset = await host.store.presets.getDefault(host.workspace.id);
  if (preset === null) throw new Error("a workspace has a default preset");
  return {
    block: await host.block(),
    service: null,
    settings: host.workspace.settings,
    capabilities: { environments: false, tracker: false, releases: false, localTestInfrastructure: true },
    preset,
    checkPolicy: { ci: "required", requiredChecks: [] },
    checkPolicyDigest: "d",
    models: new Map(),
    catalogue: modelCatalogueOff,
    fragments: new Map(),
    kinds: registries.kinds,
    patience: { jobPollMs: 1, jobMs: 1, gatePollMs: 1, gateMs: 1, stopMs: 1, retryMs: 1, maxRetryMs: 1 },
  };
}

function answerTo(on: HumanWait["on"], choice: number): Parameters<TestHost["reply"]>[1] {
  if (on === "decision") return { answer: "choose", option: choice === 0 ? "a" : "b" };
  if (on === "cap") return choice === 0 ? { answer: "extra-round" } : { answer: "proceed" };
  return choice === 0 && on === "approval" ? { answer: "request-changes", feedback: "again" } : { answer: "approve" };
}

const histories = fc.array(fc.nat({ max: 1000 }), { minLength: 10, maxLength: 60 });

describe("the fold", () => {
  it("gives the stored run from the whole history, and from any prefix then the rest (I11)", async () => {
    const seen = { runs: 0, events: 0, crashes: 0, finished: 0 };
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(), async (choices, cut) => {
        const { run, history, crashes } = await randomRun(choices);
        expect(replay(history, registries)).toEqual(run);
        const at = cut % (history.length + 1);
        const prefix = replay(history.slice(0, at), registries);
        expect(history.slice(at).reduce<Run | null>((state, event) => evolve(state, event, registries), prefix)).toEqual(run);
        seen.runs += 1;
        seen.events += history.length;
        seen.crashes += crashes;
        seen.finished += isLive(run) ? 0 : 1;
      }),
      { numRuns: RUNS, seed: 7 },
    );
    console.log(`I11: ${seen.runs} runs, ${seen.events} events, ${seen.crashes} crashes, ${seen.finished} finished`);
    expect(seen.events).toBeGreaterThan(RUNS * 5);
    expect(seen.crashes).toBeGreaterThan(0);
  }, 120_000);

  it("keeps the cursor between what is finished and what is pending (I7), definitions (I13), and a wake-up or an open notification for every live run (I5)", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (choices) => {
        const { host, run, history } = await randomRun(choices);
        let state: Run | null = null;
        for (const event of history) {
          state = evolve(state, event, registries);
          expect(state.steps.map((step) => step.definition)).toEqual(run.steps.map((step) => step.definition));
          if (event.event.type === "step-finished" || event.event.type === "rework-requested") continue; // between two events of one transition
          for (const [index, step] of state.steps.entries()) {
            if (index < state.cursor) expect(step.activity.is).toBe("done");
            if (index > state.cursor) expect(step.activity.is).toBe("pending");
          }
        }
        if (!isLive(run)) return;
        const notifications = await host.store.notifications.ofRun(host.workspace.id, run.id);
        const open = notifications.filter((notification) => notification.status === "open");
        if (due(run).is === "rest") expect(open.map((notification) => notification.id)).toEqual([openWait(run)?.id]);
        else expect(await host.wakeups.nextDueAt()).not.toBeNull();
      }),
      { numRuns: RUNS, seed: 8 },
    );
  }, 120_000);

  it("a finished run emits nothing, and a repeated driver command changes nothing (I4)", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (choices) => {
        const { host, run } = await randomRun(choices);
        const late: Command = {
          command: "returned",
          at: host.clock.now(),
          actor: { type: "system", id: "late" },
          key: `${run.id}/0/1/work.1`,
          result: { of: "job", outcome: { is: "lost", transient: true, message: "late" } },
        };
        const input = await inputOf(host, registries);
        const isCurrent = run.cursor === 0 && run.steps[0]?.attempt === 1 && run.steps[0].effects === 1 && isLive(run);
        if (!isCurrent) expect(decide(run, late, input, registries).events).toEqual([]);
        if (!isLive(run))
          for (const command of [
            { ...late, key: "x" },
            { command: "stopped" as const, at: 1, actor: late.actor },
          ])
            expect(decide(run, command, input, registries).events).toEqual([]);
      }),
      { numRuns: RUNS, seed: 9 },
    );
  }, 120_000);
});
