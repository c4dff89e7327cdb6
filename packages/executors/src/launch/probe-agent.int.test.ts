import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AgentLaunch } from "./agent-launch.js";
import { sampleAgentLaunch } from "./known-agents.js";
import { probeAgent } from "./probe-agent.js";
import { noSandbox } from "../sandbox/sandbox.fixture.js";
import type { SandboxName } from "../sandbox/open-sandbox.js";

const never = new AbortController().signal;
const node = (source: string): AgentLaunch => ({
  via: "acp",
  name: "odd",
  argv: [process.execPath, "-e", source],
  installHint: "install it",
  loginHint: "log in",
});

describe("probeAgent", () => {
  test.each<SandboxName>(noSandbox === null ? ["bubblewrap", "none"] : ["none"])("says who the agent is (%s)", async (sandbox) => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-probe-test-"));
    const script = join(folder, "script.json");
    await writeFile(script, JSON.stringify({ turns: [{ kind: "coder", say: "hello" }] }));
    expect(await probeAgent(sampleAgentLaunch({ script }), never, { sandbox })).toEqual({
      name: "millrace-sample-agent",
      version: "1",
      protocol: 1,
      capabilities: expect.any(Object),
    });
    await rm(folder, { recursive: true });
  });

  test.each([
    ["agent_missing", "install it", { ...node(""), argv: ["no-such-agent-of-millrace"] } satisfies AgentLaunch],
    ["agent_protocol", "by hand", node("process.exit(1)")],
    ["agent_protocol", "stdout", node(`setInterval(() => console.log("hello there"), 1)`)],
    ["agent_timeout", "by hand", node("setInterval(() => {}, 1000)")],
  ] as const)("%s, with the fix (%s)", async (code, fix, launch) => {
    await expect(probeAgent(launch, never, { sandbox: "none", timeoutMs: 2_000 })).rejects.toMatchObject({
      code,
      fix: expect.stringContaining(fix),
    });
  });
});
