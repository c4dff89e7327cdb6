/** Stored runs for tests of what is shown of them. */
import { runSchema, type HumanWait, type Run, type RunEvent, type RunEventBody, type Step } from "@millrace/contracts";
import { createRegistries } from "../../steps/registry.js";

/** The step kinds Millrace ships. */
export const { stepKinds } = createRegistries();

export const HEAD = "a".repeat(40);
export const BASE = "b".repeat(40);
/** When the runs started, epoch ms. */
export const T0 = 1_700_000_000_000;

/** A step at rest; what a test is about is given. */
export function step(kind: string, given: Partial<Step> = {}): Step {
  return {
    definition: { kind, approval: null, bar: null, instructions: null, gating: null, consensus: null },
    attempt: 1,
    effects: 0,
    waits: 0,
    state: { kind: "job", evictions: { crash: 0, transient: 0 } },
    activity: { is: "pending" },
    timing: { startedAt: null, finishedAt: null, waitedMs: 0 },
    output: null,
    model: null,
    revision: null,
    approved: null,
    decisions: [],
    ...given,
  };
}

const done = { activity: { is: "done" }, timing: { startedAt: T0, finishedAt: T0 + 5000, waitedMs: 1000 } } as const;

/** A CI gate that found the head red, with one repair behind it. */
export function redGate(): Step {
  return step("ci", {
    activity: {
      is: "effect",
      effect: { key: "k", request: { do: "start-job", kind: "ci-fixer", briefs: [] }, requestedAt: T0, tries: 1, hold: null },
    },
    timing: { startedAt: T0 + 5000, finishedAt: null, waitedMs: 0 },
    state: {
      kind: "gate",
      gate: "ci",
      budget: 2,
      attempts: 1,
      updates: 0,
      sentFor: HEAD,
      watching: { head: HEAD, since: T0 },
      verdict: {
        gate: "ci",
        head: HEAD,
        base: BASE,
        settings: "c".repeat(64),
        observed: [
          { name: "npm test", status: "completed", conclusion: "failure", url: null, completedAt: T0, summary: "1 failing\n  expected 42" },
        ],
        says: "red",
        because: "npm test: failure",
        at: T0,
      },
      log: [{ attempt: 1, at: T0, outcome: "completed", head: HEAD, summary: "repaired it" }],
      evictions: { crash: 0, transient: 0 },
    },
  });
}

/** A reviewer that sent the work back once. */
export function reviewer(): Step {
  return step("reviewer", {
    ...done,
    state: {
      kind: "companion",
      bar: 0.8,
      reworks: 1,
      maxReworks: 3,
      ratings: [{ rating: 0.6, bar: 0.8, passed: false, summary: "say why", comments: [{ body: "explain it" }] }],
    },
  });
}

/** States of steps that have just begun, by their kind. */
export const freshStates = {
  merger: { kind: "merger", assessment: null, withheld: null, revisits: 0, evictions: { crash: 0, transient: 0 } },
  review: { kind: "review", rework: "requirements-rework", cap: 6, description: null, now: { is: "reading" } },
  companion: { kind: "companion", bar: 0.8, reworks: 0, maxReworks: 3, ratings: [] },
  job: { kind: "job", evictions: { crash: 0, transient: 0 } },
} as const;

/** A wait for the approval of a text. */
export function approvalWait(given: Partial<HumanWait> = {}): HumanWait {
  return {
    id: "run_1.0.1.1",
    on: "approval",
    question: "Approve the design?",
    options: [],
    subject: "d".repeat(64),
    output: null,
    approvers: 1,
    approvedBy: [],
    openedAt: T0 + 2000,
    ...given,
  };
}

/** A live run at its second step; parsed, so that it is one a store could hold. */
export function run(given: Partial<Run> = {}): Run {
  return runSchema.parse({
    id: "run_1",
    workspaceId: "ws_1",
    blockId: "blk_1",
    pipeline: { id: "pl_minimal", name: "Simple", digest: "e".repeat(64) },
    flags: [],
    initiatedBy: { type: "human", id: "ada" },
    supersedes: null,
    repository: { forge: "local-git", id: "shop", base: "main" },
    pullRequest: { id: "1", number: 1, url: "local-git:shop#1", branch: "millrace/blk_1", base: "main" },
    merged: null,
    startedAt: T0,
    finishedAt: null,
    steps: [
      step("coder", { ...done, model: "agent:sample", output: { key: "k", digest: "f".repeat(64), chars: 12 } }),
      redGate(),
      step("merger"),
    ],
    cursor: 1,
    phase: { is: "live" },
    revision: 5,
    ...given,
  });
}

/** An event with who and when; by default the engine, when the runs started. */
export function entry(event: RunEventBody, actor: RunEvent["actor"] = { type: "system", id: "millrace" }): RunEvent {
  return { version: 1, at: T0, actor, event };
}
