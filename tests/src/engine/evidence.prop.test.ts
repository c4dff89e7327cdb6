import type { Check } from "@millrace/contracts";
import { canonicalJson } from "@millrace/kernel";
import { builtInGates, openWait, type Gate, type OrchestrationOptions } from "@millrace/orchestration";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Tree, Crash, createFaultPlan, withFaults, completedCheck, createTestHost, type TestHost } from "@millrace/testing";

/** Number of interleavings; override with MILLRACE_INTERLEAVINGS. */
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

/** Oracle: the tests of a tree fail on bad content, and on two good changes that conflict semantically. */
const isGood = (tree: Tree): boolean =>
  !Object.values(tree).includes("bad") && !(tree["feature"] !== undefined && tree["rule"] === "no features");

/** A CI that registers its checks late, runs for a while, and judges the tree of one commit correctly. */
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
    if (isGood(tree)) this.greenTrees.add(canonicalJson(tree));
    return [completedCheck("test", isGood(tree) ? "success" : "failure")];
  }
}

async function newHost(plan: ReturnType<typeof createFaultPlan>, options: OrchestrationOptions): Promise<TestHost> {
  return createTestHost({
    options,
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

/** Advances the next due run, moving the clock to it. A crash drops everything but the store. */
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

interface Counters {
  interleavings: number;
  merged: number;
  revisits: number;
  crashes: number;
}

/** Runs one interleaving, then a quiet phase in which CI finishes and people approve. Every merge must rest on evidence. */
async function interleave(planned: readonly Action[], options: OrchestrationOptions, seen: Counters): Promise<void> {
  const plan = createFaultPlan();
  const host = await newHost(plan, options);
  const ci = new SlowCi(host);
  const { id } = await host.start();
  for (const action of planned) {
    await act(action, host, ci, plan, id);
    if (action.startsWith("crash")) seen.crashes += 1;
  }
  plan.crashBeforeCommit.armed = plan.crashAfterCommit.armed = plan.loseReply.armed = false;
  for (let turn = 0; turn < 400 && (await host.run(id)).phase.is === "live"; turn += 1) {
    ci.move("finished");
    await act("person-approves", host, ci, plan, id);
    await step(host);
  }
  const run = await host.run(id);
  seen.interleavings += 1;
  seen.revisits += run.steps.some((one) => one.attempt > 1) ? 1 : 0;
  expect(run.phase.is).not.toBe("live");
  expect(host.forge.landed.length).toBeLessThanOrEqual(1);
  for (const landed of host.forge.landed) {
    seen.merged += 1;
    expect(ci.greenTrees.has(canonicalJson(landed.tree)), `landed without evidence: ${canonicalJson(landed.tree)}`).toBe(true);
    expect(isGood(landed.tree)).toBe(true);
  }
  expect((await host.block()).status === "done").toBe(host.forge.landed.length === 1);
  expect(run.merged !== null).toBe(host.forge.landed.length === 1);
}

const interleavings = fc.array(
  fc.oneof({ weight: 2, arbitrary: fc.constant<Action>("advance") }, { weight: 3, arbitrary: fc.constantFrom(...actions) }),
  { minLength: 20, maxLength: 120 },
);
const none = (): Counters => ({ interleavings: 0, merged: 0, revisits: 0, crashes: 0 });

/** Gates with the defects of real systems. The property must notice each. */
const brokenGates: readonly [string, Gate][] = [
  [
    "takes no registered check for green",
    {
      ...ciGate(),
      judge: (observed) => (observed.checks.length === 0 ? { says: "green", because: "no checks" } : ciGate().judge(observed)),
    },
  ],
  [
    "takes a check that still runs for green",
    {
      ...ciGate(),
      judge: (observed) =>
        observed.checks.some((check) => check.status !== "completed") ? { says: "green", because: "not red" } : ciGate().judge(observed),
    },
  ],
  ["never looks", { ...ciGate(), judge: () => ({ says: "green", because: "always" }) }],
];

function ciGate(): Gate {
  const gate = builtInGates.find((one) => one.name === "ci");
  if (gate === undefined) throw new Error("there is no CI gate");
  return gate;
}

describe("P1: a merge is bound to evidence", () => {
  it("no tree lands without a green verdict for exactly that tree, whatever is pushed, moved or killed meanwhile", async () => {
    const seen = none();
    await fc.assert(
      fc.asyncProperty(interleavings, (planned) => interleave(planned, {}, seen)),
      { numRuns: INTERLEAVINGS, seed: 20261123 },
    );
    console.log(
      `P1: ${seen.interleavings} interleavings, ${seen.crashes} crashes, ${seen.merged} merged, ${seen.revisits} with gates visited again, 0 without evidence`,
    );
    expect(seen.interleavings).toBeGreaterThanOrEqual(INTERLEAVINGS);
    expect(seen.merged).toBeGreaterThan(INTERLEAVINGS / 10);
  }, 3_600_000);

  it.each(brokenGates)(
    "notices a gate that %s",
    async (_name, gate) => {
      const property = fc.asyncProperty(interleavings, (planned) => interleave(planned, { gates: [gate] }, none()));
      const outcome = await fc.check(property, { numRuns: 100, seed: 20261123, endOnFailure: true });
      expect(outcome.failed).toBe(true);
    },
    120_000,
  );
});
