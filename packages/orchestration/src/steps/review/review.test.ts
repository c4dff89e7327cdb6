import type { ReviewItem, ReviewSeverity, FinalDocument } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtInRegistries } from "../../spec/defaults.js";
import { disposition, findingsInShort, foldTexts, hasAnythingToFold, mayReplace } from "./review.logic.js";

type Item = Pick<ReviewItem, "status" | "reply" | "title" | "detail">;
const item = (status: Item["status"], reply: string | null = null, title = "T"): Item => ({ status, reply, title, detail: "D" });

describe("disposition", () => {
  it.each<[string, ReviewSeverity[], number, "none" | "low" | "medium" | "high", string]>([
    ["nothing found", [], 1, "none", "pass"],
    ["nothing found at the cap", [], 3, "none", "pass"],
    ["a low finding, nothing tolerated", ["low"], 1, "none", "awaiting"],
    ["a low finding, low tolerated", ["low"], 1, "low", "pass"],
    ["tolerated at the cap", ["low"], 3, "low", "pass"],
    ["the worst counts", ["low", "high", "low"], 1, "medium", "awaiting"],
    ["everything tolerated", ["high"], 1, "high", "pass"],
    ["before the cap", ["high"], 2, "none", "awaiting"],
    ["at the cap", ["high"], 3, "none", "exceeded"],
    ["behind the cap", ["high"], 4, "none", "exceeded"],
  ])("%s", (_name, severities, iteration, tolerated, expected) => {
    const findings = severities.map((severity) => ({ severity }));
    expect(disposition(findings, { iteration, cap: 3, tolerated })).toBe(expected);
  });

  const severity = fc.constantFrom<ReviewSeverity>("low", "medium", "high");
  const pass = fc.record({
    iteration: fc.integer({ min: 1, max: 25 }),
    cap: fc.integer({ min: 1, max: 20 }),
    tolerated: fc.constantFrom("none" as const, "low" as const, "medium" as const, "high" as const),
  });

  it("one finding more never passes what did not pass, and a loop of findings ends at its cap (I6)", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ severity })), severity, pass, (findings, more, limits) => {
        const before = disposition(findings, limits);
        const after = disposition([...findings, { severity: more }], limits);
        expect(before === "pass" ? ["pass", "awaiting", "exceeded"] : [before]).toContain(after);
        expect(disposition(findings, { ...limits, iteration: limits.cap })).not.toBe("awaiting");
        expect(disposition(findings, { ...limits, tolerated: "high" })).toBe("pass");
      }),
    );
  });
});

describe("hasAnythingToFold", () => {
  it.each<[string, string, Item[], boolean]>([
    ["nothing at all", "", [], false],
    ["a blank direction", "  \n", [], false],
    ["a direction", "shorter", [], true],
    ["an answer", "", [item("answered", "yes")], true],
    ["a resolved finding with a reply", "", [item("resolved", "yes")], true],
    ["a resolved finding without one", "", [item("resolved")], false],
    ["a blank reply", "", [item("answered", "  ")], false],
    ["a reply to what was dismissed after all", "", [item("dismissed", "yes")], false],
    ["a reply to what was reopened", "", [item("open", "yes")], false],
  ])("%s", (_name, feedback, items, expected) => {
    expect(hasAnythingToFold(feedback, items)).toBe(expected);
  });
});

describe("foldTexts", () => {
  it("says what to fold in, what to leave out, and which way", () => {
    expect(foldTexts(" shorter ", [item("answered", " so ", "A"), item("dismissed", null, "B"), item("open", "no", "C")])).toEqual([
      "Answers to fold in:\n\nQ: A: D\nA: so\n\nLeft out on purpose:\n- B\n\nThe document before was not good enough. Follow this direction:\nshorter",
    ]);
  });

  it("says nothing of what nobody did", () => {
    expect(foldTexts("", [item("answered", "so", "A")])).toEqual(["Answers to fold in:\n\nQ: A: D\nA: so"]);
    expect(foldTexts("  ", [item("dismissed", null, "B"), item("dismissed", null, "C")])).toEqual(["Left out on purpose:\n- B\n- C"]);
  });

  it("asks for a clean restatement where nobody answered or dismissed anything", () => {
    expect(foldTexts("shorter", [item("open")])).toEqual([
      "Nothing was answered: restate it cleanly, invent nothing.\n\nThe document before was not good enough. Follow this direction:\nshorter",
    ]);
  });

  it("fills a text to its last character before it begins another", () => {
    const sized = (more: number) => {
      const without = foldTexts("", [item("answered", "so")])[0]?.length ?? 0;
      return foldTexts("", [{ ...item("answered", "so"), detail: "d".repeat(50_000 - without + 1 + more) }]);
    };
    expect(sized(0).map((text) => text.length)).toEqual([50_000]);
    expect(sized(1)).toHaveLength(2);
  });

  it("never loses an answer, however long all of them are", () => {
    const chars = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(fc.array(chars, { minLength: 1, maxLength: 20 }), (lengths) => {
        const items = lengths.map((length, index) => ({ ...item("answered", `${index}:${"r".repeat(length)}`), detail: "d".repeat(2000) }));
        const texts = foldTexts("", items);
        for (const text of texts) expect(text.length).toBeLessThanOrEqual(50_000);
        for (const { reply } of items) expect(texts.some((text) => text.includes(`A: ${reply ?? ""}`))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("findingsInShort", () => {
  it.each([
    [[], "0 findings: "],
    [["A"], "1 finding: [low] A"],
    [["A", "B", "C", "D", "E"], "5 findings: [low] A; [low] B; [low] C; and 2 more"],
  ])("of %j", (titles, expected) => {
    expect(findingsInShort(titles.map((title) => ({ title, severity: "low" as const })))).toBe(expected);
  });
});

describe("mayReplace", () => {
  const final = (kind: string, description: string): FinalDocument => ({
    kind,
    description,
    output: { key: "k", digest: "d", chars: 1 },
  });
  it.each([
    ["nothing", null, final("clarity-review", "a"), true],
    ["an older document of its own", final("clarity-review", "a"), final("clarity-review", "a"), true],
    ["a report by requirements", final("clarity-review", "a"), final("requirements-review", "a"), true],
    ["requirements by newer ones", final("requirements-review", "a"), final("requirements-review", "a"), true],
    ["requirements by a report", final("requirements-review", "a"), final("clarity-review", "a"), false],
    ["requirements of another description by a report", final("requirements-review", "a"), final("clarity-review", "b"), true],
  ])("%s", (_name, before, by, expected) => {
    expect(mayReplace(before, by, (kind) => builtInRegistries.kinds.get(kind)?.documentRank ?? 0)).toBe(expected);
  });
});
