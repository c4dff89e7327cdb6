import { knownAgents } from "@millrace/executors";
import { describe, expect, it } from "vitest";
import { secretsOf } from "../config/board-secrets.js";
import { createModels } from "./models.js";

const clock = { now: () => 0 };
const modelsOf = (env: Readonly<Record<string, string>>, sandbox: "bubblewrap" | "none" = "bubblewrap") =>
  createModels({ env, clock, sandbox: { name: () => sandbox } });

describe("the way of an agent to its model", () => {
  it.each([
    [knownAgents.claude, "ANTHROPIC_API_KEY", "api.anthropic.com"],
    [knownAgents.codex, "OPENAI_API_KEY", "api.openai.com"],
    [knownAgents.opencode, "OPENAI_API_KEY", "api.openai.com"],
  ])("$name in a sandbox needs a key", (launch, variable, host) => {
    expect(() => modelsOf({}).require(launch)).toThrow(
      expect.objectContaining({ code: "config_invalid", details: { agent: launch.name, variable } }),
    );
    expect(modelsOf({}).proxy(launch, "/board").isOn).toBe(false);
    const models = modelsOf({ [variable]: "sk-1" });
    models.require(launch);
    expect(models.proxy(launch, "/board").isOn).toBe(true);
    expect(models.way(launch)).toBe(`model by ${host} with ${variable}`);
    expect(models.secrets(launch)).toEqual(["sk-1"]);
  });

  it("is its own login without a sandbox", () => {
    const models = modelsOf({ ANTHROPIC_API_KEY: "sk-1" }, "none");
    models.require(knownAgents.claude);
    expect(models.proxy(knownAgents.claude, "/board").isOn).toBe(false);
    expect(models.way(knownAgents.claude)).toBe("model by its own login");
  });

  it("H:S8 the key of a board's agent is bound to its provider's host", () => {
    const board = { inline: undefined, repository: { forge: "local-git", id: "till", base: "main" } } as const;
    expect(secretsOf({ ...board, agent: " claude " })).toEqual([{ variable: "ANTHROPIC_API_KEY", host: "api.anthropic.com" }]);
    expect(secretsOf({ ...board, agent: "claude --acp" })).toEqual([]);
  });
});
