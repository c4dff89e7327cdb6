import { describe, expect, it } from "vitest";
import { finishedJob, given, pullRequest, sha } from "../../spec/index.js";
import { decisionInput, newRun } from "../../spec/defaults.js";
import { breakerFailure, earlierAttempts, helperReturned, type Attempt } from "./attempts.logic.js";

const attempt = (number: number, summary: string, code: string | null = null): Attempt => ({
  attempt: number,
  at: number,
  outcome: code === null ? "completed" : "failed",
  head: sha("1"),
  summary,
  ...(code === null ? {} : { failure: { kind: "job_failed", code } }),
});

describe("the record of a helper that came back", () => {
  const { run } = given(["ci"], { run: { pullRequest } });
  const [step] = newRun(["ci"]).steps;
  if (step === undefined) throw new Error("a run without steps");
  const context = { run, index: 0, step, input: decisionInput(), at: 7 };
  const sent = { helper: "ci-fixer", attempt: 2, head: sha("1") };

  it("says what it said where it kept its contract", () => {
    const worked = finishedJob("repaired");
    if (worked.of !== "job" || worked.outcome.is !== "finished") throw new Error("it finished");
    expect(helperReturned(context, sent, worked.outcome)).toEqual({
      is: "helper-returned",
      attempt: 2,
      at: 7,
      outcome: "completed",
      head: sha("1"),
      summary: "repaired",
    });
  });

  it("and why it does not count where it did not, in words and a code that fit", () => {
    const failed = { is: "failed", code: "c".repeat(100), message: "m".repeat(5000), detail: null, observed: null } as const;
    const record = helperReturned(context, sent, failed);
    expect(record).toMatchObject({ outcome: "failed", failure: { kind: "job_failed", code: "c".repeat(80) } });
    expect(record.summary).toBe(`${"c".repeat(100)}: ${"m".repeat(5000)}`.slice(0, 4000));
  });
});

describe("the breaker's failure", () => {
  it("tells the last attempt, and all of them as detail", () => {
    const log = [attempt(1, "no disk", "disk"), attempt(2, "no login", "login"), attempt(3, "still no login", "login")];
    expect(breakerFailure("fixer", log, sha("1"))).toEqual({
      kind: "gate_exhausted",
      code: "breaker_open",
      message: "the fixer failed twice in a row with login on the same head: still no login",
      detail: [
        "attempt 1 at 1111111111, failed: no disk",
        "attempt 2 at 1111111111, failed: no login",
        "attempt 3 at 1111111111, failed: still no login",
      ].join("\n"),
    });
    expect(breakerFailure("fixer", log.slice(0, 2), sha("1"))).toBeNull();
  });

  it("fits a stored failure", () => {
    const log = [attempt(1, "", "login"), attempt(2, "s".repeat(4000), "login")];
    expect(breakerFailure("fixer", log, sha("1"))?.message).toHaveLength(4000);
  });
});

it("the next helper is told of the latest ones, as far as a brief holds them; of none when it is the first", () => {
  expect(earlierAttempts([])).toEqual([]);
  const [brief] = earlierAttempts([attempt(1, "a".repeat(4000)), attempt(2, "b".repeat(4000)), attempt(3, "c".repeat(4000))]);
  expect(brief).toMatchObject({ from: "earlier attempts", text: expect.stringMatching(/c{4000}$/) as string });
  expect(brief?.text).toHaveLength(8000);
});
