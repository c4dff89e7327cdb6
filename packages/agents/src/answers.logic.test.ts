import { companionAssessmentSchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { extractJson, readAnswer } from "./answers.logic.js";

describe("answers", () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['Here it is:\n```json\n{"a":1}\n```\nDone.', { a: 1 }],
    ["no json", null],
    ["{ broken", null],
    ["} {", null],
  ])("reads %j", (text, value) => {
    expect(extractJson(text)).toEqual(value);
  });

  it("validates the product, or the JSON in the text, and says what is wrong", () => {
    expect(readAnswer(companionAssessmentSchema, { product: null, text: '{"rating":0.5,"summary":"ok"}' })).toEqual({
      ok: true,
      value: { rating: 0.5, summary: "ok" },
    });
    expect(readAnswer(companionAssessmentSchema, { product: { rating: 2, summary: "x" }, text: "" })).toMatchObject({
      ok: false,
      issues: expect.stringContaining("rating"),
    });
    expect(readAnswer(companionAssessmentSchema, { product: null, text: "fine" })).toEqual({
      ok: false,
      issues: "the answer holds no JSON object",
    });
  });
});
