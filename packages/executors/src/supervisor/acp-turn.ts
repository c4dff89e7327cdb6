import { client, methods, type NewSessionResponse, type SessionUpdate, type StopReason } from "@agentclientprotocol/sdk";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { connectAgent, initialize, type AcpClient } from "./acp-client.js";
import { pathsOf, serveRead, serveWrite, type Reach } from "./acp-files.js";
import type { StreamWatch } from "./acp-stream.js";
import { allowsCall, chooseOption } from "./permission.logic.js";
import { chooseModel } from "./session-model.logic.js";
import type { ExitFile } from "../jobs/job-files.schema.js";

export interface AcpTurnOptions {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly agent: { readonly name: string; readonly loginHint: string; readonly mode: string | null };
  readonly reach: Reach;
  readonly prompt: string;
  /** Model to put the session on; null: the agent's own choice. */
  readonly model: string | null;
  readonly watch: StreamWatch;
  readonly onUpdate: (update: SessionUpdate) => void;
  /** What became of `model`; not called when it is null. */
  readonly onModel: (model: NonNullable<ExitFile["model"]>) => void;
  readonly onDecision: (allowed: boolean, title: string) => void;
  /** Aborted to cancel the turn: the agent is told, and may still answer. */
  readonly signal: AbortSignal;
}

/** Not in the protocol any more; agents that offer their models beside the session still want it. */
const SET_MODEL = "session/set_model";

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
  if (options.model !== null) options.onModel(await putOnModel(acp, session, options.model));
  return prompt(acp, sessionId, options);
}

/** An agent that cannot be put on the model works all the same; that it is not on it is recorded with its answer. */
async function putOnModel(acp: AcpClient, session: NewSessionResponse, asked: string): Promise<NonNullable<ExitFile["model"]>> {
  const { sessionId } = session;
  const choice = chooseModel(session, asked);
  const { agent } = acp.connection;
  try {
    switch (choice.is) {
      case "impossible":
        return { asked, set: null, why: choice.why };
      case "already":
        return { asked, set: choice.value, why: null };
      case "option": {
        const { configId, value } = choice;
        await acp.call("session/set_config_option", () =>
          agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value }),
        );
        return { asked, set: value, why: null };
      }
      case "set-model":
        await acp.call(SET_MODEL, () => agent.request(SET_MODEL, { sessionId, modelId: choice.modelId }));
        return { asked, set: choice.modelId, why: null };
    }
  } catch (error) {
    if (!isMillraceError(error, "agent_failed")) throw error;
    return { asked, set: null, why: error.message.slice(0, 300) };
  }
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
