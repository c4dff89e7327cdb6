import { PROTOCOL_VERSION, RequestError, type client, methods, type ClientConnection, type Stream } from "@agentclientprotocol/sdk";
import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";
import { initializeAnswerSchema, type InitializeAnswer } from "./acp-answers.schema.js";
import { acpStream, protocolError, type StreamListener } from "./acp-stream.js";

/** Error code of the protocol for a missing login. */
const AUTH_REQUIRED = -32_000;

export type ClientApp = ReturnType<typeof client>;

/** A connection to an agent that keeps the reason of its end. */
export interface AcpClient {
  readonly connection: ClientConnection;
  /**
   * Runs a request and reads its answer by `schema`; null when the pipe closed before the answer.
   *
   * @throws MillraceError `agent_protocol`, `agent_login`, `agent_failed`.
   */
  call<T>(method: string, schema: z.ZodType<T>, request: () => Promise<unknown>): Promise<T | null>;
}

export function connectAgent(options: {
  readonly app: ClientApp;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly listener: StreamListener;
  readonly agent: { readonly name: string; readonly loginHint: string };
}): AcpClient {
  const stream: Stream = acpStream(options.stdin, options.stdout, options.listener);
  const fault: { error: MillraceError | null } = { error: null };
  const connection = options.app.connect({ writable: stream.writable, readable: keepFault(stream.readable, fault) });
  return {
    connection,
    async call(method, schema, request) {
      const answer = await request().catch((error: unknown) => {
        if (fault.error !== null) throw fault.error;
        if (connection.signal.aborted) return CLOSED;
        throw agentError(options.agent, method, error);
      });
      if (answer === CLOSED) return null;
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      throw protocolError(`answered ${method} with something else than the protocol says: ${issueOf(parsed.error)}`);
    },
  };
}

const CLOSED = Symbol("closed");

/** The first thing that is wrong with an answer, and where: `stopReason: Invalid option ...`. */
function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`.slice(0, 300);
}

/** Keeps the error that broke a stream: the SDK rejects pending requests without it. */
function keepFault<T>(source: ReadableStream<T>, fault: { error: MillraceError | null }): ReadableStream<T> {
  const reader = source.getReader();
  return new ReadableStream<T>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        controller.enqueue(value);
      } catch (error) {
        fault.error = error instanceof MillraceError ? error : protocolError("broke the stream of messages");
        controller.error(fault.error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function agentError(agent: { readonly name: string; readonly loginHint: string }, method: string, error: unknown): MillraceError {
  if (!(error instanceof RequestError)) return protocolError(`answered ${method} with something else than the protocol says`);
  if (error.code === AUTH_REQUIRED)
    return new MillraceError("agent_login", `the agent '${agent.name}' is not logged in`, { fix: agent.loginHint });
  const detail =
    typeof error.data === "object" && error.data !== null && "details" in error.data && typeof error.data.details === "string"
      ? `: ${error.data.details}`
      : "";
  return new MillraceError("agent_failed", `the agent '${agent.name}' failed at ${method}: ${error.message}${detail}`.slice(0, 2000), {
    details: { rpcCode: error.code },
  });
}

/**
 * Sends `initialize`. Null when the pipe closed before the answer.
 *
 * @throws MillraceError `agent_protocol`, `agent_login`, `agent_failed`.
 */
export async function initialize(acp: AcpClient): Promise<InitializeAnswer | null> {
  const answer = await acp.call("initialize", initializeAnswerSchema, () =>
    acp.connection.agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      // An agent has the files itself: served by path, they could be exchanged for others between the check and the use.
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: "millrace", version: "1" },
    }),
  );
  if (answer !== null && answer.protocolVersion !== PROTOCOL_VERSION)
    throw protocolError(`speaks version ${answer.protocolVersion} of it, Millrace speaks ${PROTOCOL_VERSION}`);
  return answer;
}
