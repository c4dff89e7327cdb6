import { describe, expect, it } from "vitest";
import { knownAgents } from "./known-agents.js";
import { behindDoor, doorModel, modelSetupSchema } from "./model-setup.js";

describe("the model of a door", () => {
  it.each([
    [null, "openai:gpt-5.4"],
    ["openai:gpt-5", "openai:gpt-5"],
    ["openai/gpt-5", "openai:gpt-5"],
    ["gpt-5", "openai:gpt-5"],
    ["anthropic:claude-sonnet-5", "openai:gpt-5.4"],
  ])("of a task pinned to %s is %s", (pinned, model) => {
    expect(doorModel({ model: "openai:gpt-5.4" }, pinned)).toBe(model);
  });
});

describe("an agent behind a door", () => {
  it("is led to the forwarder, with the token in its environment", () => {
    const setup = { env: { URL: "{url}/v1", KEY: "{token}", MODEL: "{model}", OTHER: "{other}" } };
    const { argv, env } = behindDoor(setup, { token: "mrt_1", model: "openai:gpt-5" }, ["agent", "--acp"]);
    expect(argv.slice(-4)).toEqual(["/run/millrace/model.sock", "4891", "agent", "--acp"]);
    expect(env).toMatchObject({ URL: "http://127.0.0.1:4891/v1", KEY: "mrt_1", MODEL: "gpt-5", OTHER: "{other}" });
  });

  it("gets files whose quotes no value can leave", () => {
    const model = 'openai:a"\n[other]\\';
    const { env } = behindDoor({ env: {}, files: { "a.json": '{"model":"{model}"}' } }, { token: "t", model }, ["agent"]);
    const files: Record<string, string> = JSON.parse(env["MILLRACE_FORWARDED_FILES"] ?? "");
    expect(JSON.parse(files["a.json"] ?? "")).toEqual({ model: 'a"\n[other]\\' });
  });

  it.each([knownAgents.claude, knownAgents.codex, knownAgents.opencode])("$name keeps its token out of what is stored", ({ model }) => {
    const stored = modelSetupSchema.parse({ files: {}, ...model });
    const { env } = behindDoor(stored, { token: "mrt_canary", model: model.model }, ["agent"]);
    expect(JSON.stringify(stored)).not.toContain("mrt_canary");
    expect(JSON.stringify(env)).toContain("mrt_canary");
  });
});
