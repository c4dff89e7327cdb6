/** Runs as they are shown, for tests of the lines that show them. Each is parsed, so that it is one the read model could make. */
import { runViewSchema, type RunView, type StepView, type WaitView } from "@millrace/contracts";

export const HEAD = "a".repeat(40);
const BASE = "b".repeat(40);
/** When the runs started, epoch ms. */
export const T0 = 1_700_000_000_000;

/** A step that has not begun; a test gives what it is about. */
export function stepView(number: number, kind: string, given: Partial<StepView> = {}): StepView {
  return {
    number,
    kind,
    state: "pending",
    doing: null,
    attempt: 1,
    model: null,
    durationMs: null,
    waitedMs: 0,
    output: null,
    decisions: [],
    approved: null,
    verdict: null,
    helpers: [],
    loop: null,
    ratings: [],
    report: null,
    review: null,
    assessment: null,
    withheld: null,
    mergeSent: null,
    isInLine: false,
    investigation: null,
    note: null,
    ...given,
  };
}

const done = { state: "done", durationMs: 4000, waitedMs: 1000 } as const;

/** A CI gate that found the head red, with one repair behind it and the next one being started. */
function redGate(): StepView {
  return stepView(2, "ci", {
    state: "running",
    doing: "starting the ci-fixer, try 2",
    durationMs: 5000,
    verdict: {
      head: HEAD,
      base: BASE,
      settings: "c".repeat(64),
      checkSettings: "d".repeat(64),
      says: "red",
      because: "npm test: failure",
      at: T0,
      checks: [
        { name: "npm test", status: "completed", conclusion: "failure", url: null, completedAt: T0, summary: "1 failing\n  expected 42" },
      ],
      failing: ["npm test"],
    },
    helpers: [{ attempt: 1, at: T0, outcome: "completed", head: HEAD, summary: "repaired it" }],
    loop: { agent: "ci-fixer", used: 1, allowed: 2 },
  });
}

/** A reviewer that sent the work back once. */
export function reviewer(number: number): StepView {
  return stepView(number, "reviewer", {
    ...done,
    ratings: [{ rating: 0.6, bar: 0.8, passed: false, summary: "say why", comments: ["explain it"] }],
    loop: { agent: null, used: 1, allowed: 3 },
  });
}

/** A wait for the approval of a text. */
export function waitView(given: Partial<WaitView> = {}): WaitView {
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
    text: null,
    answers: ["approve", "request-changes", "reject"],
    ...given,
  };
}

/** A run whose architect waits for an approval. */
export function waitingView(wait: WaitView = waitView(), given: Partial<StepView> = {}): RunView {
  return runView({
    status: "waiting",
    steps: [stepView(1, "architect", { state: "waiting", doing: "waits for a person", ...given })],
    wait,
  });
}

/** A live run at its second step, ten seconds after it started. */
export function runView(given: Partial<RunView> = {}): RunView {
  return runViewSchema.parse({
    id: "run_1",
    revision: 5,
    status: "running",
    reason: { code: "at-work", values: { kind: "ci-fixer", progress: null }, since: T0 },
    task: { id: "blk_1", title: "Add a discount" },
    pipeline: { id: "pl_minimal", name: "Simple" },
    startedBy: { type: "human", id: "ada" },
    startedAt: T0,
    finishedAt: null,
    supersedes: null,
    repository: { forge: "local-git", id: "shop", base: "main" },
    pullRequest: { id: "1", number: 1, url: "local-git:shop#1", branch: "millrace/blk_1", base: "main" },
    merged: null,
    steps: [
      stepView(1, "coder", { ...done, model: "agent:sample", output: { key: "k", digest: "f".repeat(64), chars: 12 } }),
      redGate(),
      stepView(3, "merger"),
    ],
    wait: null,
    paused: null,
    failure: null,
    cancelled: null,
    cost: {
      calls: 0,
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      settledMicros: 0,
      estimatedCalls: 0,
    },
    timeline: [],
    ...given,
  });
}
