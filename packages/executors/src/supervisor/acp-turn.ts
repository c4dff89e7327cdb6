import { client, methods, type SessionUpdate, type StopReason } from "@agentclientprotocol/sdk";
import { MillraceError } from "@millrace/kernel";
import { connectAgent, initialize, type AcpClient } from "./acp-client.js";
import { pathsOf, serveRead, serveWrite, type Reach } from "./acp-files.js";
import type { StreamWatch } from "./acp-stream.js";
import { allowsCall, chooseOption } from "./permission.logic.js";
import type { ExitFile } from "../jobs/job-files.schema.js";

export interface AcpTurnOptions {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly agent: { readonly name: string; readonly loginHint: string; readonly mode: string | null };
  readonly reach: Reach;
  readonly prompt: string;
  readonly watch: StreamWatch;
  readonly onUpdate: (update: SessionUpdate) => void;
  readonly onDecision: (allowed: boolean, title: string) => void;
  /** Aborted to cancel the turn: the agent is told, and may still answer. */
  readonly signal: AbortSignal;
}

const TURNS: Readonly<Record<StopReason, ExitFile["turn"]>> = {
  end_turn: "completed",
  refusal: "refused",
  max_tokens: "out-of-tokens",
  max_turn_requests: "out-of-turns",
  cancelled: "cancelled",
};

/**
 * One prompt turn with an agent. `died`: the pipe closed before the prompt was answered, whatever the exit code.
 *
 * @throws MillraceError `agent_protocol`, `agent_login`, `agent_failed`.
 */
export async function acpTurn(options: AcpTurnOptions): Promise<ExitFile["turn"]> {
  const acp = connectAgent({ ...options, app: clientApp(options) });
  const hello = await initialize(acp, { read: true, write: !options.reach.readOnly });
  if (hello === null)
    throw new MillraceError("agent_protocol", `the agent '${options.agent.name}' ended before it answered 'initialize'`, {
      fix: "run its command by hand and read what it prints",
    });
  const session = await acp.call("session/new", () =>
    acp.connection.agent.request(methods.agent.session.new, { cwd: options.reach.cwd, mcpServers: [] }),
  );
  if (session === null) return "died";
  const { sessionId } = session;
  const { mode } = options.agent;
  if (
    mode !== null &&
    session.modes?.currentModeId !== mode &&
    session.modes?.availableModes.some((candidate) => candidate.id === mode) === true
  ) {
    await acp.call("session/set_mode", () => acp.connection.agent.request(methods.agent.session.setMode, { sessionId, modeId: mode }));
  }
  return prompt(acp, sessionId, options);
}

async function prompt(acp: AcpClient, sessionId: string, options: AcpTurnOptions): Promise<ExitFile["turn"]> {
  const cancel = (): void => void acp.connection.agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => {});
  options.signal.addEventListener("abort", cancel, { once: true });
  if (options.signal.aborted) cancel();
  try {
    const answer = await acp.call("session/prompt", () =>
      acp.connection.agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: "text", text: options.prompt }] }),
    );
    return answer === null ? "died" : TURNS[answer.stopReason];
  } finally {
    options.signal.removeEventListener("abort", cancel);
  }
}

function clientApp(options: AcpTurnOptions) {
  const { reach } = options;
  return client({ name: "millrace" })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const allow = allowsCall({
        kind: params.toolCall.kind ?? null,
        paths: await pathsOf(reach, params.toolCall),
        readOnly: reach.readOnly,
      });
      options.onDecision(allow, params.toolCall.title ?? params.toolCall.toolCallId);
      return { outcome: chooseOption(params.options, allow) };
    })
    .onRequest(methods.client.fs.readTextFile, ({ params }) => serveRead(reach, params))
    .onRequest(methods.client.fs.writeTextFile, ({ params }) => serveWrite(reach, params))
    .onNotification(methods.client.session.update, ({ params }) => options.onUpdate(params.update));
}
