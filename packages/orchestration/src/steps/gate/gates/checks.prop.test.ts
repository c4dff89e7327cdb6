import { checkPolicySchema, verdictSchema, type Check } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failingChecks } from "../../../run/rules/failing-checks.logic.js";
import { judgeChecks } from "./checks.logic.js";

// The same cases every time, so that the mutation check has the same result.
fc.configureGlobal({ seed: 20261123 });

const GOOD: ReadonlySet<Check["conclusion"]> = new Set(["success", "neutral", "skipped"]);
const conclusions = ["success", "failure", "neutral", "skipped", "cancelled", "timed_out", "action_required", "stale", null] as const;
const checks: fc.Arbitrary<Check[]> = fc.array(
  fc.record({
    name: fc.oneof(fc.constantFrom("build", "test", "lint"), fc.string({ minLength: 1, maxLength: 300 })),
    status: fc.constantFrom("queued", "in_progress", "completed"),
    conclusion: fc.constantFrom(...conclusions),
    url: fc.constant(null),
    completedAt: fc.constant(null),
    summary: fc.constant(null),
  }),
  { maxLength: 30 },
);
const policies = fc
  .record({ ci: fc.constantFrom("required", "none"), requiredChecks: fc.subarray(["build", "test", "lint"]) })
  .map((policy) => checkPolicySchema.parse(policy));
const isFailing = (check: Check): boolean => check.status === "completed" && !GOOD.has(check.conclusion);

describe("judgeChecks, for any checks under any policy", () => {
  it("says red exactly when a completed check is not good, whatever else runs or is missing", () => {
    fc.assert(
      fc.property(checks, policies, (some, policy) => {
        expect(judgeChecks(some, policy).says === "red").toBe(some.some(isFailing));
        expect(failingChecks(some)).toEqual(some.filter(isFailing));
      }),
    );
  });

  it("says pending exactly when nothing failed and a check still runs", () => {
    fc.assert(
      fc.property(checks, policies, (some, policy) => {
        const runs = !some.some(isFailing) && some.some((check) => check.status !== "completed");
        expect(judgeChecks(some, policy).says === "pending").toBe(runs);
      }),
    );
  });

  it("says green only on evidence: all required checks succeeded and something did, or a person said there is no CI", () => {
    fc.assert(
      fc.property(checks, policies, (some, policy) => {
        const completed = some.every((check) => check.status === "completed" && GOOD.has(check.conclusion));
        const succeeded = some.filter((check) => check.conclusion === "success").map((check) => check.name);
        const isGreen =
          completed && policy.requiredChecks.every((name) => succeeded.includes(name)) && (succeeded.length > 0 || policy.ci === "none");
        expect(judgeChecks(some, policy).says === "green").toBe(isGreen);
      }),
    );
  });

  it("does not depend on the order in which the forge lists them", () => {
    fc.assert(
      fc.property(checks, policies, (some, policy) => {
        expect(judgeChecks([...some].reverse(), policy).says).toBe(judgeChecks(some, policy).says);
      }),
    );
  });

  it("gives its reason in words that fit a verdict", () => {
    const because = verdictSchema.shape.because.min(1);
    fc.assert(
      fc.property(checks, policies, (some, policy) => {
        expect(because.safeParse(judgeChecks(some, policy).because).success).toBe(true);
      }),
    );
  });
});

describe("the reason", () => {
  const check = (name: string, conclusion: Check["conclusion"]): Check => ({
    name,
    status: conclusion === null ? "queued" : "completed",
    conclusion,
    url: null,
    completedAt: null,
    summary: null,
  });
  const required = checkPolicySchema.parse({ requiredChecks: ["build", "test"] });
  const anything = checkPolicySchema.parse({});

  it.each<[string, Check[], typeof anything, string]>([
    ["what failed and how", [check("a", "failure"), check("b", "timed_out")], anything, "a: failure, b: timed_out"],
    ["a conclusion that is missing", [{ ...check("a", null), status: "completed" }], anything, "a: no conclusion"],
    ["what still runs", [check("a", "success"), check("b", null), check("c", null)], anything, "2 of 3 check(s) still run: b, c"],
    [
      "what is missing",
      [check("build", "skipped"), check("x", "success")],
      required,
      "required check(s) not there or skipped: build, test",
    ],
    ["what succeeded", [check("a", "success"), check("b", "success"), check("c", "skipped")], anything, "2 check(s) green: a, b"],
    ["that nothing is registered", [], anything, "no check is registered for this head yet"],
    ["that nothing was tested", [check("a", "skipped")], anything, "every check was skipped or neutral: nothing was tested"],
  ])("names %s", (_name, checksOf, policy, because) => {
    expect(judgeChecks(checksOf, policy).because).toBe(because);
  });

  it.each<[string, Check["conclusion"], number]>([
    ["red", "failure", 4000],
    ["pending", null, 3100],
    ["green", "success", 3100],
  ])("of a hundred long names is cut when %s", (_says, conclusion, most) => {
    const many = Array.from({ length: 100 }, (_, at) => check(`${at}`.padEnd(300, "n"), conclusion));
    expect(judgeChecks(many, anything).because.length).toBeLessThanOrEqual(most);
  });

  it("of a hundred missing long names is cut", () => {
    const names = Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(300, "n"));
    expect(judgeChecks([], checkPolicySchema.parse({ requiredChecks: names })).because).toHaveLength(4000);
  });
});
