import type { Check } from "@millrace/contracts";
import { openWait } from "@millrace/orchestration";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tree } from "../forge/commits.js";
import { Crash, createFaultPlan, withFaults } from "../host/faults.js";
import { completedCheck, createTestHost, type TestHost } from "../index.js";

/** More with MILLRACE_INTERLEAVINGS=20000. */
const INTERLEAVINGS = Number(process.env["MILLRACE_INTERLEAVINGS"] ?? 400);

const actions = [
  "advance",
  "push-good",
  "push-bad",
  "base-good",
  "base-breaks-combination",
  "base-conflicts",
  "register-checks",
  "finish-checks",
  "crash-before-commit",
  "crash-after-commit",
  "lose-reply",
  "person-approves",
] as const;
type Action = (typeof actions)[number];

/** The truth about a tree: a test would fail on bad content, and on two good changes that do not go together. */
const isGood = (tree: Tree): boolean =>
  !Object.values(tree).includes("bad") && !(tree["feature"] !== undefined && tree["rule"] === "no features");

/** A CI that registers late, runs for a while, and tells the truth about exactly one commit's tree. */
class SlowCi {
  readonly #state = new Map<string, "registered" | "finished">();
  readonly greenTrees = new Set<string>();
  readonly #host: TestHost;

  constructor(host: TestHost) {
    this.#host = host;
    host.forge.judgeWith((head, tree) => this.#checks(head, tree));
  }

  move(to: "registered" | "finished"): void {
    const head = this.#host.forge.head(this.#host.repository, `millrace/${this.#host.task.id}`);
    if (head !== null && this.#state.get(head) !== "finished") this.#state.set(head, to);
  }

  #checks(head: string, tree: Tree): readonly Check[] {
    const state = this.#state.get(head);
    if (state === undefined) return [];
    if (state === "registered")
      return [{ name: "test", status: "in_progress", conclusion: null, url: null, completedAt: null, summary: null }];
    if (isGood(tree)) this.greenTrees.add(JSON.stringify(tree));
    return [completedCheck("test", isGood(tree) ? "success" : "failure")];
  }
}

async function newHost(plan: ReturnType<typeof createFaultPlan>): Promise<TestHost> {
  return createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] },
    files: { readme: "sample", rule: "all welcome" },
    script: {
      coder: { change: { feature: "good" } },
      "ci-fixer": (_task, call) => ({ change: { feature: call % 2 === 0 ? `repair ${call}` : "good", rule: "all welcome" } }),
      "conflict-resolver": { resolve: { feature: "resolved", readme: "both" } },
      merger: (_task, call) => ({ answer: { complexity: call % 3 === 2 ? 0.9 : 0.1, risk: 0, impact: 0, rationale: "looked" } }),
    },
    wrap: (ports) => withFaults(ports, plan),
  });
}

async function act(action: Action, host: TestHost, ci: SlowCi, plan: ReturnType<typeof createFaultPlan>, runId: string): Promise<void> {
  const branch = `millrace/${host.task.id}`;
  const exists = host.forge.head(host.repository, branch) !== null;
  switch (action) {
    case "advance":
      return step(host);
    case "push-good":
      return void (exists && host.forge.push(host.repository, branch, { outside: String(host.clock.now()) }));
    case "push-bad":
      return void (exists && host.forge.push(host.repository, branch, { outside: "bad" }));
    case "base-good":
      return void host.forge.push(host.repository, "main", { [`base${host.clock.now()}`]: "good" });
    case "base-breaks-combination":
      return void host.forge.push(host.repository, "main", { rule: "no features" });
    case "base-conflicts":
      return void host.forge.push(host.repository, "main", { feature: `theirs ${host.clock.now()}` });
    case "register-checks":
      return ci.move("registered");
    case "finish-checks":
      return ci.move("finished");
    case "crash-before-commit":
      plan.crashBeforeCommit.armed = true;
      return step(host);
    case "crash-after-commit":
      plan.crashAfterCommit.armed = true;
      return step(host);
    case "lose-reply":
      plan.loseReply.armed = true;
      return step(host);
    case "person-approves": {
      if (openWait(await host.run(runId)) !== null) await host.reply(runId, { answer: "approve" }).catch(rethrowUnlessCrash);
    }
  }
}

/** One advance of whatever is due, moving the clock to it; a crash drops everything but what is stored. */
async function step(host: TestHost): Promise<void> {
  const next = await host.wakeups.nextDueAt();
  if (next === null) return;
  host.clock.advanceTo(next);
  const [claim] = await host.wakeups.claim({ owner: "driver", now: host.clock.now(), leaseMs: 1, limit: 1 });
  if (claim === undefined) return;
  await host.execution.advance(claim).catch(rethrowUnlessCrash);
  await host.wakeups.release(claim);
}

function rethrowUnlessCrash(error: unknown): void {
  if (!(error instanceof Crash)) throw error;
}

describe("P1: a merge is bound to evidence", () => {
  it("no tree lands without a green verdict for exactly that tree, whatever is pushed, moved or killed meanwhile", async () => {
    const seen = { interleavings: 0, merged: 0, revisits: 0, crashes: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...actions), { minLength: 20, maxLength: 120 }), async (plannedActions) => {
        const plan = createFaultPlan();
        const host = await newHost(plan);
        const ci = new SlowCi(host);
        const { id } = await host.start();
        for (const action of plannedActions) {
          await act(action, host, ci, plan, id);
          if (action.startsWith("crash")) seen.crashes += 1;
        }
        // Quiet world: CI answers everything, people say yes. It must come to an end, and still only with evidence.
        plan.crashBeforeCommit.armed = plan.crashAfterCommit.armed = plan.loseReply.armed = false;
        for (let turn = 0; turn < 400 && (await host.run(id)).phase.is === "live"; turn += 1) {
          ci.move("finished");
          await act("person-approves", host, ci, plan, id);
          await step(host);
        }
        const run = await host.run(id);
        seen.interleavings += 1;
        seen.revisits += run.steps.filter((one) => one.attempt > 1).length > 0 ? 1 : 0;
        expect(run.phase.is).not.toBe("live");
        expect(host.forge.landed.length).toBeLessThanOrEqual(1);
        for (const landed of host.forge.landed) {
          seen.merged += 1;
          expect(ci.greenTrees.has(JSON.stringify(landed.tree)), `landed without evidence: ${JSON.stringify(landed.tree)}`).toBe(true);
          expect(isGood(landed.tree)).toBe(true);
        }
        expect((await host.block()).status === "done").toBe(host.forge.landed.length === 1);
        expect(run.merged !== null).toBe(host.forge.landed.length === 1);
      }),
      { numRuns: INTERLEAVINGS, seed: 20261123 },
    );
    console.log(
      `P1: ${seen.interleavings} interleavings, ${seen.crashes} crashes, ${seen.merged} merged, ${seen.revisits} with gates visited again, 0 without evidence`,
    );
    expect(seen.interleavings).toBeGreaterThanOrEqual(INTERLEAVINGS);
    expect(seen.merged).toBeGreaterThan(INTERLEAVINGS / 10);
  }, 300_000);
});
