import { client, methods, type SessionUpdate, type StopReason } from "@agentclientprotocol/sdk";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { anyAnswerSchema, promptAnswerSchema, sessionAnswerSchema, type SessionAnswer } from "./acp-answers.schema.js";
import { connectAgent, initialize, type AcpClient } from "./acp-client.js";
import { pathsOf, type WorkFolder } from "./called-paths.js";
import type { StreamListener } from "./acp-stream.js";
import { allowsCall, chooseOption } from "./permission.logic.js";
import { chooseModel } from "./session-model.logic.js";
import type { ExitFile, SessionModel } from "../jobs/job-files.schema.js";

export interface AcpTurnOptions {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly agent: { readonly name: string; readonly loginHint: string; readonly mode: string | null };
  readonly folder: WorkFolder;
  readonly prompt: string;
  /** Model to put the session on; null for the agent's own choice. */
  readonly model: string | null;
  readonly listener: StreamListener;
  readonly onUpdate: (update: SessionUpdate) => void;
  /** Called with the result of setting `model`; not called when that is null. */
  readonly onModel: (model: SessionModel) => void;
  /** Called with each decision about a tool call and its title. */
  readonly onDecision: (allowed: boolean, title: string) => void;
  /** Aborted to cancel the turn: the agent receives the cancellation and may still answer. */
  readonly signal: AbortSignal;
}

/** A method of earlier versions of the protocol; agents that list their models beside the session still expect it. */
const SET_MODEL = "session/set_model";

const TURNS: Readonly<Record<StopReason, ExitFile["turn"]>> = {
  end_turn: "completed",
  refusal: "refused",
  max_tokens: "out-of-tokens",
  max_turn_requests: "out-of-turns",
  cancelled: "cancelled",
};

/**
 * Runs one prompt turn of an agent: handshake, session, mode, model, prompt. `died` when the pipe closed before the answer, whatever the
 * exit code.
 *
 * @throws MillraceError `agent_protocol`, `agent_login`, `agent_failed`.
 */
export async function acpTurn(options: AcpTurnOptions): Promise<ExitFile["turn"]> {
  const acp = connectAgent({ ...options, app: clientApp(options) });
  const hello = await initialize(acp);
  if (hello === null)
    throw new MillraceError("agent_protocol", `the agent '${options.agent.name}' ended before it answered 'initialize'`, {
      fix: "run its command by hand and read what it prints",
    });
  const session = await acp.call("session/new", sessionAnswerSchema, () =>
    acp.connection.agent.request(methods.agent.session.new, { cwd: options.folder.cwd, mcpServers: [] }),
  );
  if (session === null) return "died";
  const { sessionId } = session;
  const { mode } = options.agent;
  if (
    mode !== null &&
    session.modes?.currentModeId !== mode &&
    session.modes?.availableModes.some((candidate) => candidate.id === mode) === true
  ) {
    await acp.call("session/set_mode", anyAnswerSchema, () =>
      acp.connection.agent.request(methods.agent.session.setMode, { sessionId, modeId: mode }),
    );
  }
  if (options.model !== null) options.onModel(await setModel(acp, session, options.model));
  return prompt(acp, sessionId, options);
}

/** Sets the model of a session. An agent that cannot be put on it works all the same, and its answer records the model it is not on. */
async function setModel(acp: AcpClient, session: SessionAnswer, requested: string): Promise<SessionModel> {
  const { sessionId } = session;
  const choice = chooseModel(session, requested);
  const { agent } = acp.connection;
  try {
    switch (choice.is) {
      case "impossible":
        return { requested, actual: null, reason: choice.reason };
      case "already":
        return { requested, actual: choice.value, reason: null };
      case "option": {
        const { configId, value } = choice;
        await acp.call("session/set_config_option", anyAnswerSchema, () =>
          agent.request(methods.agent.session.setConfigOption, { sessionId, configId, value }),
        );
        return { requested, actual: value, reason: null };
      }
      case "set-model":
        await acp.call(SET_MODEL, anyAnswerSchema, () => agent.request(SET_MODEL, { sessionId, modelId: choice.modelId }));
        return { requested, actual: choice.modelId, reason: null };
    }
  } catch (error) {
    if (!isMillraceError(error, "agent_failed")) throw error;
    return { requested, actual: null, reason: error.message.slice(0, 300) };
  }
}

async function prompt(acp: AcpClient, sessionId: string, options: AcpTurnOptions): Promise<ExitFile["turn"]> {
  const cancel = (): void => void acp.connection.agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => {});
  options.signal.addEventListener("abort", cancel, { once: true });
  if (options.signal.aborted) cancel();
  try {
    const answer = await acp.call("session/prompt", promptAnswerSchema, () =>
      acp.connection.agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: "text", text: options.prompt }] }),
    );
    return answer === null ? "died" : TURNS[answer.stopReason];
  } finally {
    options.signal.removeEventListener("abort", cancel);
  }
}

function clientApp(options: AcpTurnOptions) {
  const { folder } = options;
  return client({ name: "millrace" })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const allow = allowsCall({
        kind: params.toolCall.kind ?? null,
        paths: await pathsOf(folder, params.toolCall),
        readOnly: folder.readOnly,
      });
      options.onDecision(allow, params.toolCall.title ?? params.toolCall.toolCallId);
      return { outcome: chooseOption(params.options, allow) };
    })
    .onNotification(methods.client.session.update, ({ params }) => options.onUpdate(params.update));
}
