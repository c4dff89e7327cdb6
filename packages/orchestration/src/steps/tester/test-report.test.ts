import { testReportSchema, type TestReport } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockingFindings, concernDigest, reportBrief, judgeReport, reportFindings, untestedBecause } from "./test-report.logic.js";

type Severity = TestReport["concerns"][number]["severity"];
const severities: readonly Severity[] = ["low", "medium", "high", "critical"];
const report = (greenlight: boolean, ...concerns: Severity[]): TestReport =>
  testReportSchema.parse({
    greenlight,
    summary: "tried it",
    concerns: concerns.map((severity, index) => ({ title: `concern ${"abcdefgh"[index]}`, detail: "it fails", severity })),
  });

describe("judgeReport", () => {
  it.each<[string, TestReport, number, boolean, boolean]>([
    // 11.1: first round
    ["first, green, no concern", report(true), 0, true, true],
    ["first, green, a low concern", report(true, "low"), 0, true, false],
    ["first, green, a medium concern", report(true, "medium"), 0, true, false],
    ["first, green, a high concern", report(true, "high"), 0, true, false],
    ["first, withheld, no concern", report(false), 0, true, false],
    // 11.1: later rounds
    ["later, green, no concern", report(true), 1, true, true],
    ["later, green, low and medium", report(true, "low", "medium"), 1, true, true],
    ["later, green, a high concern", report(true, "low", "high"), 1, true, false],
    ["later, green, a critical concern", report(true, "critical"), 3, true, false],
    ["later, withheld, no concern", report(false), 2, true, false],
    ["later, withheld, a low concern", report(false, "low"), 2, true, false],
    // W-32: not repairable by a fixer
    ["first, green, low, no fixer can be sent", report(true, "low", "medium"), 0, false, true],
    ["first, green, high, no fixer can be sent", report(true, "high"), 0, false, false],
    ["first, withheld, no fixer can be sent", report(false), 0, false, false],
  ])("%s", (_name, given, attempts, canLoop, accepted) => {
    expect(judgeReport(given, { attempts, canLoop }).accepted).toBe(accepted);
  });

  it.each([
    [0, true],
    [1, true],
    [0, false],
  ])("F:A11 a failed check outweighs the greenlight, after %i repairs, with a fixer: %s", (attempts, canLoop) => {
    const claimed = testReportSchema.parse({ ...report(true), outcomes: [{ name: "login", status: "failed" }] });
    expect(judgeReport(claimed, { attempts, canLoop })).toEqual({ accepted: false, because: "1 failed check(s) outweigh the greenlight" });
    expect(blockingFindings(claimed)).toBe(1);
    expect(concernDigest(claimed)).toBe("login (failed)");
  });

  it("never accepts without a greenlight or with a blocking concern, and a later round is never stricter", () => {
    const reports = fc.record({ greenlight: fc.boolean(), concerns: fc.array(fc.constantFrom(...severities), { maxLength: 6 }) });
    fc.assert(
      fc.property(reports, fc.nat({ max: 12 }), fc.boolean(), ({ greenlight, concerns }, attempts, canLoop) => {
        const given = report(greenlight, ...concerns);
        const { accepted, because } = judgeReport(given, { attempts, canLoop });
        const blocks = !greenlight || concerns.includes("high") || concerns.includes("critical");
        const loops = attempts === 0 && canLoop && concerns.length > 0;
        expect(accepted).toBe(!blocks && !loops);
        expect(judgeReport(given, { attempts: attempts + 1, canLoop }).accepted).toBe(!blocks);
        expect(because).not.toBe("");
      }),
    );
  });
});

describe("why a report tests nothing (F:D4)", () => {
  const skipped = { name: "login", status: "skipped" } as const;
  const passed = { name: "logout", status: "passed" } as const;

  it.each<[string, Partial<TestReport>, string | null]>([
    ["it says why", { couldNotTest: " the database is down\n" }, "the database is down"],
    ["what it says is blank", { couldNotTest: "  " }, null],
    ["it names no check", {}, null],
    ["every check was skipped", { outcomes: [skipped, skipped] }, "every check was skipped"],
    ["one check was not", { outcomes: [skipped, passed] }, null],
  ])("F:D4 %s", (_name, patch, because) => {
    expect(untestedBecause(testReportSchema.parse({ ...report(true), ...patch }))).toBe(because);
  });
});

describe("what is told of a report", () => {
  it("the digest names five concerns with their severity, or gives the summary", () => {
    expect(concernDigest(report(true, "low", "critical"))).toBe("concern a (low); concern b (critical)");
    expect(concernDigest(report(true, "low", "low", "low", "low", "low", "high"))).toBe(
      "concern a (low); concern b (low); concern c (low); concern d (low); concern e (low); …",
    );
    expect(concernDigest(report(true, "low", "low", "low", "low", "low"))).not.toContain("…");
    expect(concernDigest(report(false))).toBe("tried it");
  });

  it("the fixer is told the worst first, and the failed checks, in 8,000 characters", () => {
    const given = testReportSchema.parse({
      ...report(false, "low", "critical"),
      outcomes: [
        { name: "login", status: "failed", detail: "500" },
        { name: "logout", status: "passed" },
      ],
    });
    expect(reportBrief(given).split("\n")).toEqual([
      "tried it",
      "Concerns to fix:",
      "- [critical] concern b: it fails",
      "- [low] concern a: it fails",
      "Failed checks:",
      "- login: 500",
    ]);
    const long = {
      ...given,
      concerns: Array.from({ length: 100 }, () => ({ title: "t", detail: "x".repeat(4000), severity: "low" as const })),
    };
    expect(reportBrief(long).length).toBe(8000);
  });

  it("the fixer is told nothing that is not there", () => {
    const unsaid = testReportSchema.parse({ ...report(false), outcomes: [{ name: "login", status: "failed" }] });
    expect(reportBrief(report(false))).toBe("tried it");
    expect(reportBrief(unsaid)).toBe("tried it\nFailed checks:\n- login");
    expect(reportBrief(report(true, "low", "high", "medium", "critical")).match(/\[[a-z]+\]/g)).toEqual([
      "[critical]",
      "[high]",
      "[medium]",
      "[low]",
    ]);
  });

  it("what failed is told apart from what passed, and as many as a round holds", () => {
    const outcomes = (...status: ("passed" | "failed")[]) =>
      testReportSchema.parse({
        greenlight: false,
        summary: "s",
        outcomes: status.map((one, at) => ({ name: `test ${at}x`, status: one })),
      });
    expect(reportFindings(outcomes("failed", "passed"))).toEqual(reportFindings(outcomes("failed")));
    expect(reportFindings(outcomes(...Array.from({ length: 150 }, () => "failed" as const)))).toHaveLength(100);
  });

  it("its findings are its concerns and what failed, else its summary", () => {
    const failing = testReportSchema.parse({ greenlight: false, summary: "s", outcomes: [{ name: "login", status: "failed" }] });
    expect(reportFindings(report(false, "low", "high"))).toHaveLength(2);
    expect(reportFindings(failing)).toEqual(reportFindings({ ...failing, summary: "other words" }));
    expect(reportFindings(report(false))).not.toEqual(reportFindings({ ...report(false), summary: "other words" }));
    expect(reportFindings({ ...report(false, "low"), summary: "other words" })).toEqual(reportFindings(report(false, "high")));
  });
});
