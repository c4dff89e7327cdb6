import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runReasonSchema } from "./run-reason.schema.js";
import { why, type RunReason } from "./why.js";

const NOW = Date.UTC(2026, 10, 23, 16, 0);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A commit or a digest that begins with these digits. */
const sha = (start: string): string => start.padEnd(40, "0");
const ago = (ms: number): number => NOW - ms;
const byAda = { people: ["ada"], approvers: 1, approvedBy: [] };
const nobody = { people: [], approvers: 1, approvedBy: [] };

/** Each case of the table in which the sentences were designed, in its order. */
const designed: readonly (readonly [string, RunReason, string])[] = [
  [
    "approval of a merge",
    {
      code: "approve-head",
      values: { people: ["ada", "grace"], approvers: 1, approvedBy: [], head: sha("0068fbd") },
      since: ago(2 * HOUR + 14 * MINUTE),
    },
    "Waiting 2 h 14 min for ada or grace to approve head 0068fbd.",
  ],
  [
    "approval of a plan",
    { code: "approve-output", values: { ...byAda, what: "plan", subject: sha("f3155ae") }, since: ago(12 * MINUTE) },
    "Waiting 12 min for ada to approve the plan f3155ae.",
  ],
  [
    "people not known",
    {
      code: "approve-output",
      values: { people: [], approvers: 2, approvedBy: ["grace"], what: "plan", subject: sha("f3155ae") },
      since: ago(12 * MINUTE),
    },
    "Waiting 12 min for 1 of 2 approvals of the plan f3155ae; grace approved.",
  ],
  [
    "decision",
    { code: "answer-question", values: { people: ["ada"], kind: "coder" }, since: ago(48 * MINUTE) },
    "Waiting 48 min for ada to answer the coder's question.",
  ],
  [
    "findings",
    { code: "answer-findings", values: { people: ["ada"], open: 2, high: 1 }, since: ago(41 * MINUTE) },
    "Waiting 41 min for ada to reply to 2 findings (1 high).",
  ],
  [
    "cap",
    { code: "decide-cap", values: { people: ["ada"], kind: "reviewer", rating: 0.74, bar: 0.8, used: 3, allowed: 3 }, since: NOW },
    "Waiting for ada: reviewer rates 0.74 (bar 0.8) after 3 of 3 reworks.",
  ],
  [
    "agent at work",
    { code: "at-work", values: { kind: "coder", progress: { done: 2, total: 4 } }, since: NOW },
    "coder at work, 2 of 4 subtasks done.",
  ],
  [
    "agent silent",
    { code: "silent", values: { kind: "coder", endsAfterMs: 20 * MINUTE }, since: ago(6 * MINUTE) },
    "coder at work, no sign of life for 6 min; its job ends at 20 min.",
  ],
  [
    "ci red, repairing",
    {
      code: "repairing",
      values: {
        gate: "ci",
        head: sha("33ee605"),
        failing: ["test"],
        because: "test: failure",
        helper: "ci-fixer",
        attempt: 1,
        allowed: 3,
      },
      since: NOW,
    },
    "CI red on 33ee605: test failed; ci-fixer at work, attempt 1 of 3.",
  ],
  [
    "ci pending",
    {
      code: "checks-pending",
      values: { gate: "ci", head: sha("0068fbd"), running: ["e2e"], total: 3, nextAt: NOW + 20 * SECOND },
      since: NOW,
    },
    "CI pending on 0068fbd: 1 of 3 checks still runs (e2e), next look in 20 s.",
  ],
  [
    "ci unknown",
    { code: "checks-unknown", values: { gate: "ci", head: sha("0068fbd"), because: null, nextAt: NOW + 40 * SECOND }, since: NOW },
    "No check is registered for 0068fbd yet; looking again in 40 s.",
  ],
  [
    "behind its base",
    { code: "behind-base", values: { branch: "main", base: sha("f54f9fc") }, since: NOW },
    "The branch is behind main f54f9fc; bringing it up to date.",
  ],
  [
    "rework",
    {
      code: "sent-back",
      values: { to: "coder", by: "reviewer", rating: 0.7, bar: 0.8, because: "a discount of 101 percent goes through" },
      since: NOW,
    },
    "Sent back to coder by reviewer (0.7 of 0.8): a discount of 101 percent goes through.",
  ],
  [
    "paused, budget",
    { code: "paused-budget", values: { scope: "run", capMicros: 5_000_000, leftMicros: 290_000, reserveMicros: 1_000_000 }, since: NOW },
    "Paused: the run's cap of $5.00 leaves $0.29; its next job reserves $1.00.",
  ],
  [
    "paused, quota",
    { code: "paused-limit", values: { because: "quota", until: NOW + 150 * MINUTE }, since: NOW },
    "Paused until 18:30: the provider's usage window is used up.",
  ],
  [
    "paused, outage",
    { code: "paused-outage", values: { message: "GitHub does not answer", until: NOW + 4 * MINUTE }, since: NOW },
    "Paused: GitHub does not answer; trying again in 4 min.",
  ],
  [
    "task limit",
    { code: "task-limit", values: { service: "till", live: 6, max: 6 }, since: NOW },
    "Not started: till has 6 of 6 live tasks.",
  ],
  [
    "merge sent",
    { code: "merge-sent", values: { head: sha("0068fbd"), ahead: 2 }, since: NOW },
    "Merge of 0068fbd is in the queue, 2 before it.",
  ],
  ["in line", { code: "in-line", values: { branch: "main", ahead: 2 }, since: NOW }, "Third in line for main: 2 changes before it."],
  [
    "stopping",
    { code: "stopping", values: { kind: "coder" }, since: ago(6 * SECOND) },
    "Stopping for 6 s: waiting to see the coder's processes gone.",
  ],
  [
    "failed",
    { code: "gate-exhausted", values: { gate: "ci", head: sha("33ee605"), used: 3, allowed: 3 }, since: NOW },
    "CI stayed red on 33ee605 after 3 of 3 repairs. Nobody is at work.",
  ],
  ["finished, not merged", { code: "finished", values: {}, since: NOW }, "Finished, not merged: its pipeline has no merger."],
  [
    "merged",
    {
      code: "merged",
      values: { head: sha("0068fbd"), branch: "main", commit: sha("c8bb73d"), approvedBy: ["ada"], automatic: false },
      since: NOW,
    },
    "Merged 0068fbd into main as c8bb73d, approved by ada.",
  ],
  [
    "merged by itself",
    {
      code: "merged",
      values: { head: sha("0068fbd"), branch: "main", commit: sha("c8bb73d"), approvedBy: [], automatic: true },
      since: NOW,
    },
    "Merged 0068fbd into main as c8bb73d, within the merge thresholds.",
  ],
  [
    "nobody drives it",
    { code: "not-driven", values: {}, since: ago(3 * MINUTE) },
    "Due for 3 min and not taken up: no worker is running. Start one: `millrace work`.",
  ],
];

/** Cases beyond the table: values that are not known, and states it has no row for. */
const others: readonly (readonly [RunReason, string])[] = [
  [{ code: "approve-head", values: { ...nobody, head: sha("0068fbd") }, since: NOW }, "Waiting 0 s for an approval of head 0068fbd."],
  [
    { code: "approve-output", values: { ...byAda, what: "result of coder", subject: null }, since: NOW },
    "Waiting 0 s for ada to approve the result of coder.",
  ],
  [{ code: "answer-question", values: { people: [], kind: "coder" }, since: NOW }, "Waiting 0 s for an answer to the coder's question."],
  [{ code: "answer-findings", values: { people: [], open: 1, high: 0 }, since: NOW }, "Waiting 0 s for replies to 1 finding."],
  [{ code: "answer-findings", values: { people: ["ada"], open: 0, high: 0 }, since: NOW }, "Waiting 0 s for ada to fold the answers in."],
  [{ code: "answer-findings", values: { people: [], open: 0, high: 0 }, since: NOW }, "Waiting 0 s for the answers to be folded in."],
  [
    { code: "answer-findings", values: { people: ["ada"], open: null, high: 0 }, since: NOW },
    "Waiting 0 s for ada to reply to the findings.",
  ],
  [
    { code: "decide-cap", values: { people: [], kind: "requirements-review", rating: null, bar: null, used: 6, allowed: 6 }, since: NOW },
    "Waiting for a person: requirements-review still has findings after 6 of 6 rounds.",
  ],
  [
    { code: "answer-wait", values: { people: [], question: "Which region?" }, since: NOW },
    "Waiting 0 s for a person to answer: Which region.",
  ],
  [{ code: "at-work", values: { kind: "coder", progress: null }, since: NOW }, "coder at work."],
  [{ code: "silent", values: { kind: "coder", endsAfterMs: null }, since: ago(61 * SECOND) }, "coder at work, no sign of life for 1 min."],
  [
    {
      code: "repairing",
      values: {
        gate: "conflicts",
        head: sha("33ee605"),
        failing: [],
        because: "conflicts in a.ts",
        helper: "resolver",
        attempt: 2,
        allowed: 3,
      },
      since: NOW,
    },
    "Conflicts red on 33ee605: conflicts in a.ts; resolver at work, attempt 2 of 3.",
  ],
  [
    { code: "checks-pending", values: { gate: "ci", head: sha("0068fbd"), running: ["e2e", "lint"], total: 3, nextAt: null }, since: NOW },
    "CI pending on 0068fbd: 2 of 3 checks still run (e2e, lint).",
  ],
  [
    { code: "checks-unknown", values: { gate: "ci", head: sha("0068fbd"), because: "every check was skipped", nextAt: null }, since: NOW },
    "CI unknown on 0068fbd: every check was skipped.",
  ],
  [{ code: "behind-base", values: { branch: "main", base: null }, since: NOW }, "The branch is behind main; bringing it up to date."],
  [
    { code: "sent-back", values: { to: "coder", by: null, rating: null, bar: null, because: "Round up!" }, since: NOW },
    "Sent back to coder: Round up.",
  ],
  [{ code: "sent-back", values: { to: "coder", by: null, rating: null, bar: null, because: "" }, since: NOW }, "Sent back to coder."],
  [
    { code: "paused-limit", values: { because: "limit", until: NOW + 26 * HOUR }, since: NOW },
    "Paused until 18:00 in 1 day: the service's request limit is used up.",
  ],
  [
    { code: "paused-limit", values: { because: "quota", until: null }, since: NOW },
    "Paused: the provider's usage window is used up; a person resumes it.",
  ],
  [
    { code: "paused-outage", values: { message: "the forge is away.", until: null }, since: NOW },
    "Paused: the forge is away; a person resumes it.",
  ],
  [{ code: "paused", values: { message: "the budget is used up" }, since: NOW }, "Paused: the budget is used up."],
  [{ code: "merging", values: { head: sha("0068fbd"), branch: "main" }, since: NOW }, "Merging 0068fbd into main."],
  [{ code: "merge-sent", values: { head: sha("0068fbd"), ahead: null }, since: NOW }, "Merge of 0068fbd is in the queue."],
  [{ code: "in-line", values: { branch: "main", ahead: 2 }, since: NOW }, "Third in line for main: 2 changes before it."],
  [{ code: "in-line", values: { branch: "main", ahead: 1 }, since: NOW }, "Second in line for main: 1 change before it."],
  [{ code: "in-line", values: { branch: "main", ahead: 0 }, since: NOW }, "First in line for main."],
  [{ code: "in-line", values: { branch: "main", ahead: 11 }, since: NOW }, "Number 12 in line for main: 11 changes before it."],
  [{ code: "in-line", values: { branch: "main", ahead: null }, since: NOW }, "In line to land on main."],
  [{ code: "stopping", values: { kind: null }, since: ago(26 * HOUR) }, "Stopping for 1 d 2 h."],
  [{ code: "failed", values: { message: "the coder committed nothing." }, since: NOW }, "The coder committed nothing. Nobody is at work."],
  [{ code: "cancelled", values: { by: "ada", reason: "not wanted any more" }, since: NOW }, "Cancelled by ada: not wanted any more."],
  [{ code: "cancelled", values: { by: "ada", reason: "" }, since: NOW }, "Cancelled by ada."],
  [
    {
      code: "merged",
      values: { head: null, branch: "main", commit: sha("c8bb73d"), approvedBy: [], automatic: false },
      since: NOW,
    },
    "Merged into main as c8bb73d.",
  ],
  [{ code: "step", values: { kind: "deployer", doing: "provision, try 2" }, since: NOW }, "deployer: provision, try 2."],
];

describe("why", () => {
  it.each(designed)("says of %s what was designed", (_case, reason, sentence) => {
    expect(why(runReasonSchema.parse(reason), NOW)).toBe(sentence);
  });

  it.each(others)("%j has its sentence", (reason, sentence) => {
    expect(why(runReasonSchema.parse(reason), NOW)).toBe(sentence);
  });

  it("has a sentence that was looked at for every code", () => {
    const codes = runReasonSchema.options.map((option) => option.shape.code.value);
    const looked = new Set([...designed.map(([, { code }]) => code), ...others.map(([{ code }]) => code)]);
    expect(codes.filter((code) => !looked.has(code))).toEqual([]);
  });

  it("ticks with the time it is given, and never counts backwards", () => {
    const stopping: RunReason = { code: "stopping", values: { kind: null }, since: NOW };
    expect([0, 59_999, 60_000, 3_600_000, -5].map((later) => why(stopping, NOW + later))).toEqual([
      "Stopping for 0 s.",
      "Stopping for 59 s.",
      "Stopping for 1 min.",
      "Stopping for 1 h.",
      "Stopping for 0 s.",
    ]);
  });

  it("rounds what is still to come up", () => {
    const pending = (nextAt: number): string =>
      why({ code: "checks-unknown", values: { gate: "ci", head: sha("1"), because: null, nextAt }, since: NOW }, NOW);
    expect(pending(NOW + 61_000)).toContain("in 2 min");
    expect(pending(NOW + 1)).toContain("in 1 s");
    expect(pending(NOW - 1)).toContain("in 0 s");
  });

  it("tells a time of day on the reader's clock", () => {
    const paused: RunReason = { code: "paused-limit", values: { because: "quota", until: NOW + 9 * HOUR }, since: NOW };
    expect(why(paused, NOW)).toContain("until 01:00:");
    expect(why(paused, NOW, { utcOffsetMinutes: -210 })).toContain("until 21:30:");
  });

  it("names three people at most", () => {
    const asked = (people: string[]): string => why({ code: "answer-question", values: { people, kind: "coder" }, since: NOW }, NOW);
    expect(asked(["ada", "grace", "joan"])).toContain("for ada, grace or joan to");
    expect(asked(["ada", "grace", "joan", "mary"])).toContain("for ada, grace or 2 others to");
  });

  it("keeps to one line of 120 characters, cutting what others wrote and not what the engine knows", () => {
    const long = "words and more\n\u001B[31m words ".repeat(100);
    const rework = why(
      { code: "sent-back", values: { to: "coder", by: "reviewer", rating: 0.7, bar: 0.8, because: long }, since: NOW },
      NOW,
    );
    const repair = why(
      {
        code: "repairing",
        values: { gate: "ci", head: sha("33ee605"), failing: [long], because: "", helper: "ci-fixer", attempt: 1, allowed: 3 },
        since: NOW,
      },
      NOW,
    );
    const people = why({ code: "approve-head", values: { ...byAda, people: [long], head: sha("1") }, since: NOW }, NOW);
    for (const sentence of [rework, repair, people]) {
      expect(sentence.length).toBeLessThanOrEqual(120);
      expect(sentence).not.toMatch(/\p{Cc}/u);
    }
    expect(rework).toMatch(/^Sent back to coder by reviewer \(0\.7 of 0\.8\): words.*…\.$/);
    expect(repair).toMatch(/…; ci-fixer at work, attempt 1 of 3\.$/);
  });

  it("loads nothing: a page takes it without the schemas", () => {
    const source = readFileSync(new URL("why.ts", import.meta.url), "utf8");
    expect(source.match(/^(import|export) .* from .*$/gm)).toSatisfy((lines: string[]) =>
      lines.every((line) => /^(import|export) type /.test(line)),
    );
  });
});
