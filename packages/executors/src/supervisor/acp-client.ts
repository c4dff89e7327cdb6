import {
  PROTOCOL_VERSION,
  RequestError,
  type client,
  methods,
  type ClientConnection,
  type InitializeResponse,
  type Stream,
} from "@agentclientprotocol/sdk";
import { MillraceError } from "@millrace/kernel";
import { acpStream, notProtocol, type StreamWatch } from "./acp-stream.js";

/** Error code of the protocol for "log in first". */
const AUTH_REQUIRED = -32_000;

export type ClientApp = ReturnType<typeof client>;

/** A connection to an agent that tells why it broke. */
export interface AcpClient {
  readonly connection: ClientConnection;
  /** Runs a call; an error of the protocol, the agent or the pipe becomes one of ours, a closed pipe `null`. */
  call<T>(what: string, request: () => Promise<T>): Promise<T | null>;
}

export function connectAgent(options: {
  readonly app: ClientApp;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly watch: StreamWatch;
  readonly agent: { readonly name: string; readonly loginHint: string };
}): AcpClient {
  const stream: Stream = acpStream(options.stdin, options.stdout, options.watch);
  const fault: { error: MillraceError | null } = { error: null };
  const connection = options.app.connect({ writable: stream.writable, readable: noteFault(stream.readable, fault) });
  return {
    connection,
    async call(what, request) {
      try {
        return await request();
      } catch (error) {
        if (fault.error !== null) throw fault.error;
        if (connection.signal.aborted) return null;
        throw agentError(options.agent, what, error);
      }
    },
  };
}

/** Remembers why a stream broke: the SDK tells pending requests only that it did. */
function noteFault<T>(source: ReadableStream<T>, fault: { error: MillraceError | null }): ReadableStream<T> {
  const reader = source.getReader();
  return new ReadableStream<T>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        controller.enqueue(value);
      } catch (error) {
        fault.error = error instanceof MillraceError ? error : notProtocol("broke the stream of messages");
        controller.error(fault.error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function agentError(agent: { readonly name: string; readonly loginHint: string }, what: string, error: unknown): MillraceError {
  if (!(error instanceof RequestError)) return notProtocol(`answered ${what} with something else than the protocol says`);
  if (error.code === AUTH_REQUIRED)
    return new MillraceError("agent_login", `the agent '${agent.name}' is not logged in`, { fix: agent.loginHint });
  const detail =
    typeof error.data === "object" && error.data !== null && "details" in error.data && typeof error.data.details === "string"
      ? `: ${error.data.details}`
      : "";
  return new MillraceError("agent_failed", `the agent '${agent.name}' failed at ${what}: ${error.message}${detail}`.slice(0, 2000), {
    details: { rpcCode: error.code },
  });
}

/** The handshake. `null`: the pipe closed before the answer. */
export async function initialize(
  acp: AcpClient,
  fs: { readonly write: boolean; readonly read: boolean },
): Promise<InitializeResponse | null> {
  const answer = await acp.call("initialize", () =>
    acp.connection.agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities: { fs: { readTextFile: fs.read, writeTextFile: fs.write }, terminal: false },
      clientInfo: { name: "millrace", version: "1" },
    }),
  );
  if (answer !== null && answer.protocolVersion !== PROTOCOL_VERSION)
    throw notProtocol(`speaks version ${answer.protocolVersion} of it, Millrace speaks ${PROTOCOL_VERSION}`);
  return answer;
}
