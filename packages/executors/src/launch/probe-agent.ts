import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { client, methods } from "@agentclientprotocol/sdk";
import { LONGEST_TIMER_MS, MillraceError, throwUnwritable, trustOf } from "@millrace/kernel";
import { endFamily } from "../processes/end-processes.js";
import { processRow } from "../processes/process-table.js";
import { sessionAnswerSchema } from "../supervisor/acp-answers.schema.js";
import { connectAgent, initialize } from "../supervisor/acp-client.js";
import { startAgent, type AgentProcess } from "../supervisor/agent-process.js";
import type { AcpLaunch, AgentLaunch } from "./agent-launch.js";

/** An agent that was found to work. */
export interface AgentProbe {
  /** The name the agent gives itself, else that of its launch. */
  readonly name: string;
  /** Null when the agent reports none. */
  readonly version: string | null;
  /** Version of the protocol; null for a plain command, which is only known to start. */
  readonly protocol: number | null;
  readonly capabilities: Readonly<Record<string, unknown>>;
}

const PROBE_TIMEOUT_MS = 30_000;
const MARKER = "MILLRACE_PROBE";

/**
 * Checks an agent: starts it, reads its name and version, opens a session (agents report a missing login there) and ends all its
 * processes. Sends no prompt. A plain command is only started. `timeoutMs` defaults to 30,000.
 *
 * @throws MillraceError `agent_missing`, `agent_login`, `agent_protocol`, `agent_timeout`, `folder_unwritable` (temporary files), each with
 * the fix; `unavailable` on abort.
 */
export async function probeAgent(
  launch: AgentLaunch,
  signal: AbortSignal,
  options: { readonly timeoutMs?: number } = {},
): Promise<AgentProbe> {
  const home = await mkdtemp(join(tmpdir(), "millrace-probe-")).catch((error: unknown) => throwUnwritable(tmpdir(), error));
  const marker = { name: MARKER, value: randomUUID() };
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: launch.home === "user" ? (process.env["HOME"] ?? home) : home,
    LANG: process.env["LANG"] ?? "C.UTF-8",
    TERM: "dumb",
    ...trustOf(process.env),
    ...launch.env,
    ...launch.secrets,
    [MARKER]: marker.value,
  };
  try {
    const agent = await startAgent({ launch, cwd: home, env });
    const leader = await processRow(agent.pid);
    try {
      if (launch.via === "command") return { name: launch.name, version: null, protocol: null, capabilities: {} };
      return await Promise.race([openSession(launch, agent, home), rejectAtEnd(launch, signal, options.timeoutMs ?? PROBE_TIMEOUT_MS)]);
    } finally {
      await endFamily({ leader, marker }, 500);
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function openSession(launch: AcpLaunch, agent: AgentProcess, cwd: string): Promise<AgentProbe> {
  agent.stderr.resume();
  const acp = connectAgent({
    app: client({ name: "millrace" }),
    stdin: Writable.toWeb(agent.child.stdin),
    stdout: Readable.toWeb(agent.stdout),
    listener: { onMessage() {}, onGarbage() {} },
    agent: launch,
  });
  const hello = await initialize(acp, { read: true, write: true });
  const session =
    hello === null
      ? null
      : await acp.call("session/new", sessionAnswerSchema, () =>
          acp.connection.agent.request(methods.agent.session.new, { cwd, mcpServers: [] }),
        );
  if (hello !== null && session !== null) {
    return {
      name: hello.agentInfo?.name ?? launch.name,
      version: hello.agentInfo?.version ?? null,
      protocol: hello.protocolVersion,
      capabilities: hello.agentCapabilities ?? {},
    };
  }
  const exit = await agent.exited;
  throw new MillraceError("agent_protocol", `the agent '${launch.name}' ended (${exit.code ?? exit.signal}) before it opened a session`, {
    fix: `run '${launch.argv.join(" ")}' by hand and read what it prints`,
  });
}

/** Rejects on a timeout or an abort; never resolves. */
function rejectAtEnd(launch: AgentLaunch, signal: AbortSignal, timeoutMs: number): Promise<never> {
  return new Promise((_, reject) => {
    const over = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
    over.addEventListener("abort", () =>
      reject(
        new MillraceError("agent_timeout", `the agent '${launch.name}' opened no session within ${timeoutMs / 1000} s`, {
          fix: `run '${launch.argv.join(" ")}' by hand: it must wait for messages on stdin`,
        }),
      ),
    );
    const stop = (): void => reject(new MillraceError("unavailable", `the probe of '${launch.name}' was stopped`));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
