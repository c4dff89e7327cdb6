import { reviewFindingSchema, type ReviewAnswer } from "@millrace/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coerceFindings, renderReview, severityRank } from "./findings.logic.js";

type Item = ReviewAnswer["items"][number];
const only = (item: Item) => coerceFindings({ items: [item] })?.[0];

describe("coerceFindings", () => {
  it.each<[string, Item, object]>([
    [
      "a whole item",
      { category: "gap", severity: "high", title: "T", detail: "D" },
      { category: "gap", severity: "high", title: "T", detail: "D" },
    ],
    ["an unknown category", { category: "nonsense", title: "T" }, { category: "question" }],
    ["no category", { title: "T" }, { category: "question" }],
    ["F:A11 a severity it does not know", { severity: "critical", title: "T" }, { severity: "high" }],
    ["no severity", { title: "T" }, { severity: "medium" }],
    ["other letter case", { category: " Risk ", severity: "HIGH", title: "T" }, { category: "risk", severity: "high" }],
    ["a question instead of a detail", { title: "T", question: "Q?" }, { title: "T", detail: "Q?" }],
    ["a detail beside a question", { title: "T", detail: "D", question: "Q?" }, { detail: "D" }],
    ["no title", { detail: `${"d".repeat(100)}` }, { title: "d".repeat(80), detail: "d".repeat(100) }],
    ["no detail", { title: "T" }, { title: "T", detail: "T" }],
  ])("%s", (_name, item, expected) => {
    expect(only(item)).toMatchObject(expected);
  });

  it("drops an item that says nothing", () => {
    expect(coerceFindings({ items: [{ category: "gap", severity: "high", title: "  ", detail: "" }] })).toEqual([]);
    expect(coerceFindings({ verdict: "fine" })).toBeNull();
  });

  it("keeps the reviewer's order among equals, the worst first, and at most 20", () => {
    const items = Array.from({ length: 30 }, (_, index) => ({
      title: String(index),
      severity: ["low", "medium", "high"][index % 3] ?? "",
    }));
    const findings = coerceFindings({ items }) ?? [];
    expect(findings).toHaveLength(20);
    expect(findings.map(({ title }) => Number(title)).slice(0, 12)).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 1, 4]);
  });

  it("whatever a reviewer answers, what comes out can be stored", () => {
    const text = fc.option(fc.oneof(fc.string(), fc.string({ minLength: 1900, maxLength: 2200 }), fc.constantFrom("high", "gap")), {
      nil: undefined,
    });
    const item = fc.record({ category: text, severity: text, title: text, detail: text, question: text });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), (items) => {
        const findings = coerceFindings({ items }) ?? [];
        const says = items.filter(({ title, detail, question }) => [title, detail, question].some((one) => (one ?? "").trim() !== ""));
        expect(findings).toHaveLength(Math.min(20, says.length));
        const ranks = findings.map((one) => severityRank(reviewFindingSchema.parse(one).severity));
        expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
      }),
    );
  });

  it("reads as a list, or says that nothing was found", () => {
    expect(renderReview({ items: [{ title: "Rounding", severity: "high", detail: "Cents?" }] })).toBe(
      "- [high] Rounding (question): Cents?",
    );
    expect(renderReview({ items: [] })).toBe("No findings.");
    expect(renderReview("prose")).toBeNull();
  });
});
