import { describe, expect, test } from "vitest";
import { answerOf, claimsOf, modelLabel, partsOfKey } from "./answer.logic.js";

const said = (text: string) => ({ text, usage: null });

describe("answerOf", () => {
  test("takes JSON out of fences and prose, only when a schema was asked for", () => {
    expect(answerOf(said('so:\n```json\n{"a": {"b": 1}}\n```\nbye'), true, "m").product).toEqual({ a: { b: 1 } });
    expect(answerOf(said('{"a": 1}'), false, "m").product).toBeNull();
  });

  test("is null when it does not parse", () => {
    expect(answerOf(said("{ half"), true, "m").product).toBeNull();
  });

  test("only a marked question is a question", () => {
    expect(answerOf(said('{"question": "Which?"}'), true, "m").question).toBeNull();
    const marked = answerOf(said('{"millrace": "question", "question": "Which?"}'), true, "m");
    expect(marked).toMatchObject({ question: { question: "Which?", options: [] }, product: null });
  });
});

describe("how sure an agent says it is", () => {
  test.each([
    ['{"confidence": 0.75}', 0.75],
    ['{"summary": "done", "confidence": 0}', 0],
    ['{"confidence": 7}', null],
    ['{"confidence": "high"}', null],
    ["I am 90 % sure", null],
  ])("%s", (text, confidence) => {
    expect(answerOf(said(text), false, "m").confidence).toBe(confidence);
  });
});

describe("claimsOf", () => {
  test.each([
    ["see https://github.com/acme/x/pull/7.", "https://github.com/acme/x/pull/7", null],
    ["(https://git.example.org/a/b/-/merge_requests/12)", "https://git.example.org/a/b/-/merge_requests/12", null],
    ["committed as `0a1b2c3d`", null, "0a1b2c3d"],
    ["commit: 0123456789abcdef0123456789abcdef01234567", null, "0123456789abcdef0123456789abcdef01234567"],
    ["I committed everything, see https://example.com/docs/3", null, null],
    ["commit early and often", null, null],
  ])("%s", (text, pullRequestUrl, commit) => {
    expect(claimsOf(text)).toEqual({ pullRequestUrl, commit });
  });
});

describe("partsOfKey", () => {
  test("reads attempt and effect", () => {
    expect(partsOfKey("run_1/2/3/main.4")).toEqual({ attempt: 3, effect: 4 });
    expect(partsOfKey("something else")).toBeNull();
  });
});

describe("modelLabel", () => {
  test.each([
    [null, "agent:one"],
    [{ requested: "gpt-5", actual: "openai/gpt-5", reason: null }, "agent:one on openai/gpt-5"],
    [{ requested: "gpt-5", actual: null, reason: "the agent offers none" }, "agent:one (not on gpt-5: the agent offers none)"],
  ])("of %j", (model, label) => {
    expect(modelLabel("one", model)).toBe(label);
  });
});
