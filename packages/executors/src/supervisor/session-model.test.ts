import { describe, expect, test } from "vitest";
import { chooseModel } from "./session-model.logic.js";

const option = (values: readonly string[], over: object = {}) => ({
  sessionId: "s1",
  configOptions: [
    {
      id: "thinking",
      name: "Thinking",
      category: "thought_level",
      type: "select",
      currentValue: "low",
      options: [{ value: "low", name: "l" }],
    },
    {
      id: "model",
      name: "Model",
      category: "model",
      type: "select",
      currentValue: values[0],
      options: values.map((value) => ({ value, name: value })),
      ...over,
    },
  ],
});
const list = (offered: readonly string[], currentModelId?: string) => ({
  sessionId: "s1",
  models: {
    availableModels: offered.map((modelId) => ({ modelId, name: modelId })),
    ...(currentModelId === undefined ? {} : { currentModelId }),
  },
});

describe("chooseModel", () => {
  test.each([
    ["the very value", "b", ["a", "b"], "b"],
    ["provider and model, written with a slash", "openai:gpt-5", ["anthropic/x", "openai/gpt-5"], "openai/gpt-5"],
    ["provider and model, written with a colon", "openai/gpt-5", ["x", "openai:gpt-5"], "openai:gpt-5"],
    ["a model without its provider", "gpt-5", ["x", "openai/gpt-5"], "openai/gpt-5"],
    ["a provider the agent does not name", "openai:gpt-5", ["x", "gpt-5"], "gpt-5"],
    ["a model with a colon of its own", "ollama/qwen:7b", ["x", "ollama/qwen:7b"], "ollama/qwen:7b"],
  ])("takes %s, as an option and as a list", (_, wanted, offered, value) => {
    expect(chooseModel(option(offered), wanted)).toEqual({ is: "option", configId: "model", value });
    expect(chooseModel(list(offered), wanted)).toEqual({ is: "set-model", modelId: value });
  });

  test.each([
    ["another model", "gpt-5", ["openai/gpt-4", "x"]],
    ["the same model of another provider", "openai:gpt-5", ["azure/gpt-5", "x"]],
    ["a name that two providers have", "gpt-5", ["azure/gpt-5", "openai/gpt-5"]],
    ["a longer name", "gpt-5", ["gpt-5-mini", "openai/gpt-5-mini"]],
  ])("does not take %s", (_, wanted, offered) => {
    const reason = `the agent offers ${offered.join(", ")}`;
    expect(chooseModel(option(offered), wanted)).toEqual({ is: "impossible", reason });
    expect(chooseModel(list(offered), wanted)).toEqual({ is: "impossible", reason });
  });

  test("leaves a session alone that is on the model", () => {
    expect(chooseModel(option(["a", "b"]), "a")).toEqual({ is: "already", value: "a" });
    expect(chooseModel(list(["a", "b"], "b"), "b")).toEqual({ is: "already", value: "b" });
  });

  test("finds the model in groups, and by its id where it has no category", () => {
    const groups = [{ group: "g", name: "G", options: [{ value: "deep", name: "Deep" }] }];
    expect(chooseModel(option(["a"], { options: groups }), "deep")).toEqual({ is: "option", configId: "model", value: "deep" });
    expect(chooseModel(option(["a", "b"], { category: null }), "b")).toEqual({ is: "option", configId: "model", value: "b" });
  });

  test.each([
    [{}],
    [null],
    [{ configOptions: null, models: null }],
    [{ configOptions: [{ id: "model", type: "boolean", currentValue: true }, 7] }],
  ])("is impossible without an offer: %j", (session) =>
    expect(chooseModel(session, "a")).toEqual({ is: "impossible", reason: "the agent offers no choice of models" }),
  );

  test("a long offer is cut", () => {
    expect(chooseModel(list(["1", "2", "3", "4", "5", "6"]), "a")).toEqual({
      is: "impossible",
      reason: "the agent offers 1, 2, 3, 4, 5, ...",
    });
  });
});
