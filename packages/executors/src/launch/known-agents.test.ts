import { describe, expect, test } from "vitest";
import { knownAgents, parseAgentOption } from "./known-agents.js";

describe("parseAgentOption", () => {
  test("a known name is that agent", () => {
    expect(parseAgentOption(" claude ")).toBe(knownAgents.claude);
  });

  test("anything else is a command line of an ACP agent; quotes keep blanks", () => {
    expect(parseAgentOption(`/opt/my agent`)).toMatchObject({ via: "acp", name: "my", argv: ["/opt/my", "agent"] });
    expect(parseAgentOption(`"/opt/my agent/run" --acp --x='a b'`)).toMatchObject({
      via: "acp",
      name: "run",
      argv: ["/opt/my agent/run", "--acp", "--x=a b"],
    });
  });

  test("with a place for a prompt file it is a plain command", () => {
    expect(parseAgentOption("tool --prompt {prompt_file}")).toMatchObject({ via: "command", prompt: "file" });
  });

  test.each(["", "   ", `agent "unfinished`])("'%s' is refused with the known names", (text) => {
    expect(() => parseAgentOption(text)).toThrow(
      expect.objectContaining({ code: "config_invalid", fix: expect.stringContaining("claude, codex, gemini, opencode") }),
    );
  });
});
