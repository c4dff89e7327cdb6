import type { Check } from "@millrace/contracts";
import { checkPolicySchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { failingChecks } from "../../../run/rules/failing-checks.logic.js";
import { blameOf, judgeChecks } from "./checks.logic.js";
import { withholdsMerge } from "../../../run/rules/merge-thresholds.logic.js";

const check = (conclusion: Check["conclusion"], name = "t"): Check => ({
  name,
  status: conclusion === null ? "in_progress" : "completed",
  conclusion,
  url: null,
  completedAt: null,
  summary: null,
});
const required = checkPolicySchema.parse({});
const preset = { who: "automatic" as const, maxComplexity: 0.5, maxRisk: 0.4, maxImpact: 0.5 };

describe("judgeChecks", () => {
  it.each<[string, Check[], string]>([
    ["nothing", [], "unknown"],
    ["success", [check("success")], "green"],
    ["success and skipped", [check("success"), check("skipped", "u")], "green"],
    ["skipped", [check("skipped")], "unknown"],
    ["neutral", [check("neutral")], "unknown"],
    ["one running", [check("success"), check(null, "u")], "pending"],
    ["one failing while another runs", [check("failure"), check(null, "u")], "red"],
    ["cancelled", [check("cancelled")], "red"],
    ["timed out", [check("timed_out")], "red"],
    ["stale", [check("stale")], "red"],
    ["action required", [check("action_required")], "red"],
    ["completed without a conclusion", [{ ...check(null), status: "completed" }], "red"],
  ])("%s", (_name, checks, says) => {
    expect(judgeChecks(checks, required).says).toBe(says);
  });

  it("is green without checks only where there is said to be no CI, and a failing check is red even there", () => {
    const none = checkPolicySchema.parse({ ci: "none" });
    expect(judgeChecks([], none).says).toBe("green");
    expect(judgeChecks([check("failure")], none).says).toBe("red");
    expect(judgeChecks([], { ...none, requiredChecks: ["build"] }).says).toBe("unknown");
  });

  it("is never green while any combination holds a failing or a running check, or no success", () => {
    const conclusions: Check["conclusion"][] = [
      "success",
      "failure",
      "neutral",
      "skipped",
      "cancelled",
      "timed_out",
      "action_required",
      "stale",
      null,
    ];
    for (const a of conclusions)
      for (const b of conclusions)
        for (const c of conclusions) {
          const checks = [check(a, "a"), check(b, "b"), check(c, "c")];
          const isGreen = judgeChecks(checks, required).says === "green";
          const isSafe =
            checks.every((one) => one.conclusion === "success" || one.conclusion === "skipped" || one.conclusion === "neutral") &&
            checks.some((one) => one.conclusion === "success");
          expect(isGreen, JSON.stringify(checks.map((one) => one.conclusion))).toBe(isSafe);
          expect(failingChecks(checks).length > 0).toBe(judgeChecks(checks, required).says === "red");
        }
  });
});

describe("whose fault failing checks are (F:C11)", () => {
  const red = check("failure");

  it.each<[string, Check[], Check[], ReturnType<typeof blameOf>["on"]]>([
    ["the base says nothing", [red], [], "change"],
    ["the same check is green on the base", [red], [check("success")], "change"],
    ["the same check is red on the base", [red], [check("failure")], "surroundings"],
    ["another check is red on the base", [red], [check("failure", "u"), check("success")], "change"],
    ["the same check still runs on the base", [red], [check(null)], "unknown"],
    ["another check still runs on the base", [red], [check(null, "u")], "change"],
    ["one cannot run", [check("action_required")], [check("success")], "surroundings"],
  ])("F:C11 %s", (_name, checks, baseChecks, on) => expect(blameOf(checks, baseChecks).on).toBe(on));

  it("F:C11 shows the last lines that were printed, without the blank ones behind them", () => {
    const blamed = blameOf([{ ...check("action_required"), summary: "  first\nlast\n\n" }], []);
    expect(blamed).toMatchObject({ question: expect.stringMatching(/cannot run:\n {2}first\nlast$/) as string });
  });
});

describe("withholdsMerge", () => {
  it.each([
    [{ complexity: 0.5, risk: 0.4, impact: 0.5, rationale: "at the edge" }, null],
    [{ complexity: 0.51, risk: 0, impact: 0, rationale: "x" }, "complexity 0.51 is above 0.5"],
    [{ complexity: 1, risk: 1, impact: 1, rationale: "x" }, "complexity 1 is above 0.5, risk 1 is above 0.4, impact 1 is above 0.5"],
    [{ complexity: 0, risk: 0, impact: 0, rationale: " " }, "the merger gave no rationale"],
    [null, "the merger gave no readable assessment"],
  ])("%j", (assessment, why) => {
    expect(withholdsMerge(assessment, preset)).toBe(why);
  });
});
