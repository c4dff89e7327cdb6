import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { client, methods } from "@agentclientprotocol/sdk";
import {
  isMillraceError,
  LONGEST_TIMER_MS,
  MillraceError,
  throwUnwritable,
  trustOf,
  type Sandbox,
  type SandboxedProcess,
} from "@millrace/kernel";
import { createNoSandbox } from "../sandbox/none.js";
import { openSandbox, type SandboxName } from "../sandbox/open-sandbox.js";
import { forEachChunk } from "../sandbox/streams.js";
import { sessionAnswerSchema } from "../supervisor/acp-answers.schema.js";
import { connectAgent, initialize } from "../supervisor/acp-client.js";
import type { AcpLaunch, AgentLaunch } from "./agent-launch.js";
import { behindDoor } from "./model-setup.js";
import { profileOf, sandboxedLaunch } from "./sandboxed-launch.js";

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
const GRACE_MS = 500;

/** How an agent is checked. */
export interface ProbeOptions {
  /** Where it is started: where its jobs run. */
  readonly sandbox: SandboxName;
  /** Longest wait for its session, in ms. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * Checks an agent: starts it, reads its name and version, opens a session (agents report a missing login there) and ends all its
 * processes. Sends no prompt. A plain command is only started.
 *
 * @throws MillraceError `agent_missing`, `agent_login`, `agent_protocol`, `agent_timeout`, `sandbox_unavailable`, `config_invalid` (an agent
 * that cannot work in the sandbox), `folder_unwritable` (temporary files), each with the fix; `unavailable` on abort.
 */
export async function probeAgent(launch: AgentLaunch, signal: AbortSignal, options: ProbeOptions): Promise<AgentProbe> {
  const work = await mkdtemp(join(tmpdir(), "millrace-probe-")).catch((error: unknown) => throwUnwritable(tmpdir(), error));
  const identity = `probe-${randomUUID()}`;
  const { sandbox, start } = placeOf(launch, options.sandbox, { work, identity });
  try {
    const agent = await start().catch((error: unknown) => {
      throw isMillraceError(error, "agent_missing") ? notInstalled(launch, error) : error;
    });
    if (launch.via === "command") return { name: launch.name, version: null, protocol: null, capabilities: {} };
    return await Promise.race([openSession(launch, agent, work), rejectAtEnd(launch, signal, options.timeoutMs ?? PROBE_TIMEOUT_MS)]);
  } finally {
    await sandbox.end(identity, GRACE_MS);
    await rm(work, { recursive: true, force: true });
  }
}

function placeOf(
  launch: AgentLaunch,
  name: SandboxName,
  { work, identity }: { readonly work: string; readonly identity: string },
): { readonly sandbox: Sandbox; readonly start: () => Promise<SandboxedProcess> } {
  const path = process.env["PATH"] ?? "";
  const env = { LANG: process.env["LANG"] ?? "C.UTF-8", TERM: "dumb", ...launch.env, ...launch.secrets };
  if (name === "none") {
    const sandbox = createNoSandbox();
    const home = launch.home === "user" ? (process.env["HOME"] ?? work) : work;
    const outside = { PATH: path, HOME: home, ...trustOf(process.env), ...env };
    return { sandbox, start: () => sandbox.start({ argv: launch.argv, cwd: work, env: outside, identity }) };
  }
  const sandbox = openSandbox(name);
  const inside = sandboxedLaunch(launch, path);
  const profile = profileOf({ work: { path: work, access: "read" }, visible: inside.visible });
  const own = { PATH: `${path}:${dirname(process.execPath)}`, ...env };
  const { model: setup } = launch;
  // As a job has it, without a door: opening a session asks no model.
  const behind =
    setup === undefined
      ? { argv: inside.launch.argv, env: {} }
      : behindDoor(setup, { token: "none", model: setup.model }, inside.launch.argv);
  const command = { argv: behind.argv, cwd: work, env: { ...own, ...behind.env }, identity, profile };
  return { sandbox, start: () => sandbox.start(command) };
}

function notInstalled({ name, installHint }: AgentLaunch, { message }: MillraceError): MillraceError {
  return new MillraceError("agent_missing", `the agent '${name}' is not installed: ${message}`, { fix: installHint });
}

async function openSession(launch: AcpLaunch, agent: SandboxedProcess, cwd: string): Promise<AgentProbe> {
  void forEachChunk(agent.stderr, () => {});
  const acp = connectAgent({
    app: client({ name: "millrace" }),
    stdin: agent.stdin,
    stdout: agent.stdout,
    listener: { onMessage() {}, onGarbage() {} },
    agent: launch,
  });
  const hello = await initialize(acp);
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
