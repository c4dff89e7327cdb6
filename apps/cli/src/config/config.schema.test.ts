import { describe, expect, it } from "vitest";
import { DEFAULT_GITHUB, parseConfig, type Config } from "./config.schema.js";

const config: Config = {
  version: 1,
  workspaceId: "ws_1",
  serviceId: "blk_1",
  repository: { forge: "local-git", id: "shop", base: "main" },
  checks: [{ name: "test", argv: ["npm", "test"], timeoutMs: 1000 }],
  ci: "required",
  agent: null,
  pipeline: "pl_minimal",
};

const onGitHub = (change: object) => ({ forge: "github", id: "acme/shop", base: "main", github: { ...DEFAULT_GITHUB, ...change } });

const refusal = (change: object): unknown => {
  try {
    return parseConfig(JSON.stringify({ ...config, ...change }), "/x/config.json");
  } catch (error) {
    return error;
  }
};

describe("parseConfig", () => {
  it("reads what init writes", () => {
    expect(parseConfig(JSON.stringify({ ...config, inline: null }), "p")).toEqual({ ...config, inline: null });
    expect(parseConfig(JSON.stringify(config), "p")).toEqual(config);
  });

  it("takes a repository without a forge for a local one: older files have none", () => {
    const { repository } = parseConfig(JSON.stringify({ ...config, repository: { id: "shop", base: "main" } }), "p");
    expect(repository).toEqual({ forge: "local-git", id: "shop", base: "main" });
  });

  it("reads a repository on GitHub", () => {
    const repository = { forge: "github", id: "acme/shop", base: "main", github: DEFAULT_GITHUB } as const;
    expect(parseConfig(JSON.stringify({ ...config, repository }), "p").repository).toEqual(repository);
  });

  it.each([
    ["an unknown setting", { agnet: "claude" }, "agnet"],
    ["another version", { version: 2 }, "version"],
    ["a check without a program", { checks: [{ name: "test", argv: [], timeoutMs: 1 }] }, "checks[0].argv"],
    ["a check without a time limit", { checks: [{ name: "test", argv: ["x"], timeoutMs: 0 }] }, "checks[0].timeoutMs"],
    ["two checks of one name", { checks: [config.checks[0], config.checks[0]] }, "two checks have the same name"],
    [
      "a key where the name of its variable belongs",
      { inline: { provider: "openai", model: "m", apiKeyEnv: "sk-123" } },
      "inline.apiKeyEnv",
    ],
    ["a token where the name of its variable belongs", { repository: onGitHub({ tokenEnv: "ghp_1-2" }) }, "repository.github.tokenEnv"],
    ["a GitHub that is polled without a pause", { repository: onGitHub({ pollMs: 1 }) }, "repository.github.pollMs"],
    ["GitHub without its settings", { repository: { forge: "github", id: "a/b", base: "main" } }, "forge 'github'"],
    ["an empty agent", { agent: "" }, "agent"],
  ])("refuses %s and names it", (_what, change, named) => {
    expect(refusal(change)).toMatchObject({ code: "config_invalid", message: expect.stringContaining(named) as string });
    expect(refusal(change)).toMatchObject({
      message: expect.stringContaining("/x/config.json") as string,
      fix: expect.any(String) as string,
    });
  });

  it("says where a file is no JSON", () => {
    expect(() => parseConfig("{ nope", "/x/config.json")).toThrow(expect.objectContaining({ code: "config_invalid" }) as Error);
  });
});
