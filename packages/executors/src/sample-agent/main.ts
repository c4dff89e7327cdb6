/**
 * The sample agent, an offline substitute for a coding agent. It speaks ACP and edits files as coding agents do; instead of a model it
 * has a script (`script.schema.ts`), whose path is its only argument.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import {
  PROTOCOL_VERSION,
  RequestError,
  agent,
  methods,
  ndJsonStream,
  type AgentContext,
  type RequestPermissionRequest,
  type SessionConfigOption,
  type SessionUpdate,
  type StopReason,
  type ToolKind,
} from "@agentclientprotocol/sdk";
import { z } from "zod";
import { partsOfKey } from "../jobs/answer.logic.js";
import { perform } from "./perform.js";
import { chooseTurn, sampleScriptSchema, type SampleTurn } from "./script.schema.js";

const script = sampleScriptSchema.parse(JSON.parse(await readFile(z.string().min(1).parse(process.argv[2]), "utf8")));
const sessions = new Map<string, { readonly cwd: string; readonly cancel: AbortController; model: string }>();

function optionsOn(model: string): SessionConfigOption[] {
  const options = (script.models ?? []).map((value) => ({ value, name: value }));
  return options.length === 0 ? [] : [{ id: "model", name: "Model", category: "model", type: "select", currentValue: model, options }];
}

async function runTurn(turn: SampleTurn, cwd: string, sessionId: string, client: AgentContext, signal: AbortSignal): Promise<StopReason> {
  const notify = (update: SessionUpdate): Promise<void> => client.notify(methods.client.session.update, { sessionId, update });
  const notifyPlan = async (done: number): Promise<void> => {
    if (turn.plan.length === 0) return;
    const status = (index: number) =>
      index < done ? ("completed" as const) : index === done ? ("in_progress" as const) : ("pending" as const);
    await notify({
      sessionUpdate: "plan",
      entries: turn.plan.map((content, index) => ({ content, priority: "medium", status: status(index) })),
    });
  };
  const requestPermission = async (request: {
    readonly title: string;
    readonly kind: ToolKind;
    readonly paths: readonly string[];
  }): Promise<boolean> => {
    const question: RequestPermissionRequest = {
      sessionId,
      toolCall: { toolCallId: randomUUID(), title: request.title, kind: request.kind, locations: request.paths.map((path) => ({ path })) },
      options: [
        { optionId: "allow", name: "Allow", kind: "allow_once" },
        { optionId: "reject", name: "Reject", kind: "reject_once" },
      ],
    };
    const { outcome } = await client.request(methods.client.session.requestPermission, question);
    return outcome.outcome === "selected" && outcome.optionId === "allow";
  };
  await notifyPlan(0);
  for (const [index, action] of turn.actions.entries()) {
    if (signal.aborted) return "cancelled";
    if (!(await perform(action, { cwd, signal, requestPermission }))) {
      await notify({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: "I was not allowed to do that." } });
      return "end_turn";
    }
    await notifyPlan(index + 1);
  }
  await notifyPlan(turn.plan.length);
  await notify({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: turn.say } });
  return signal.aborted ? "cancelled" : "end_turn";
}

agent({ name: "millrace-sample-agent" })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentCapabilities: {},
    agentInfo: { name: "millrace-sample-agent", version: "1" },
  }))
  .onRequest(methods.agent.session.new, ({ params }) => {
    const sessionId = randomUUID();
    const model = script.models?.[0] ?? "none";
    sessions.set(sessionId, { cwd: params.cwd, cancel: new AbortController(), model });
    return { sessionId, configOptions: optionsOn(model) };
  })
  .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
    const session = sessions.get(params.sessionId);
    if (session === undefined) throw RequestError.sessionNotFound(params.sessionId);
    if (script.models?.includes(String(params.value)) !== true)
      throw RequestError.invalidParams({ details: `no model '${String(params.value)}'` });
    session.model = String(params.value);
    return { configOptions: optionsOn(session.model) };
  })
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const session = sessions.get(params.sessionId);
    if (session === undefined) throw RequestError.sessionNotFound(params.sessionId);
    const kind = process.env["MILLRACE_AGENT_KIND"] ?? "";
    const { attempt, effect } = partsOfKey(process.env["MILLRACE_JOB_KEY"] ?? "") ?? { attempt: 0, effect: 1 };
    const turn = chooseTurn(script, { kind, attempt, effect });
    if (turn === null) throw RequestError.internalError({ details: `the sample script has no turn for '${kind}'` });
    try {
      const turnOnModel = { ...turn, say: turn.say.replaceAll("{model}", session.model) };
      return { stopReason: await runTurn(turnOnModel, session.cwd, params.sessionId, client, session.cancel.signal) };
    } catch (error) {
      throw RequestError.internalError({ details: error instanceof Error ? error.message : String(error) });
    }
  })
  .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.cancel.abort())
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
