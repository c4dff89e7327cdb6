import { ndJsonStream, type AnyMessage, type Stream } from "@agentclientprotocol/sdk";
import { MillraceError } from "@millrace/kernel";

/** Lines of garbage that are tolerated: some agents print a greeting to stdout. */
const MAX_GARBAGE_LINES = 20;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** Requests of an agent that may wait for their answers, those that it does not read included. */
const MAX_IN_FLIGHT = 100;
/** Objects and lists inside each other in one message. Deeper ones exhaust the stack of what reads them. */
const MAX_DEPTH = 100;

/** Callbacks for the traffic of a connection. */
export interface StreamListener {
  onMessage(direction: "to-agent" | "from-agent", message: AnyMessage): void;
  /** Called with the first 500 bytes of each line that is no JSON object. */
  onGarbage(line: string): void;
}

/**
 * The message stream over the pipes of an agent. Garbage is skipped. More than 20 lines of it, a message of more than 16 MiB or nested
 * deeper than 100, and more than 100 requests without their answers break the stream with `agent_protocol`.
 */
export function acpStream(stdin: WritableStream<Uint8Array>, stdout: ReadableStream<Uint8Array>, listener: StreamListener): Stream {
  const stream = ndJsonStream(stdin, stdout.pipeThrough(jsonLines(listener)), { maxMessageBytes: MAX_LINE_BYTES });
  let inFlight = 0;
  // Backpressure: an answer passes when the agent has read those before it.
  const outgoing = tap((message) => {
    if (!("method" in message)) inFlight -= 1;
    listener.onMessage("to-agent", message);
  });
  outgoing.readable.pipeTo(stream.writable).catch(() => {
    // The agent closed its stdin. The end of its stdout and its exit show that the turn died.
  });
  return {
    readable: stream.readable.pipeThrough(
      tap((message) => {
        if ("method" in message && "id" in message) inFlight += 1;
        if (inFlight > MAX_IN_FLIGHT) throw protocolError(`sent ${inFlight} requests without reading their answers`);
        listener.onMessage("from-agent", message);
      }),
    ),
    writable: outgoing.writable,
  };
}

function tap(listen: (message: AnyMessage) => void): TransformStream<AnyMessage, AnyMessage> {
  return new TransformStream({
    transform(message, controller) {
      listen(message);
      controller.enqueue(message);
    },
  });
}

function jsonLines(listener: StreamListener): TransformStream<Uint8Array, Uint8Array> {
  let pending: Buffer[] = [];
  let bytes = 0;
  let garbage = 0;
  const line = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    const whole = Buffer.concat(pending);
    pending = [];
    bytes = 0;
    if (isDeeperThan(whole, MAX_DEPTH)) return controller.error(protocolError(`sent a message that is nested deeper than ${MAX_DEPTH}`));
    if (isJsonObject(whole)) return controller.enqueue(Buffer.concat([whole, Buffer.from("\n")]));
    const text = whole.toString("utf8", 0, 500).trim();
    if (text === "") return;
    listener.onGarbage(text);
    garbage += 1;
    if (garbage > MAX_GARBAGE_LINES)
      controller.error(protocolError(`printed ${garbage} lines that are no messages, the last one: ${text.slice(0, 120)}`));
  };
  return new TransformStream({
    transform(chunk, controller) {
      let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        pending.push(rest.subarray(0, end));
        line(controller);
        rest = rest.subarray(end + 1);
      }
      pending.push(Buffer.from(rest));
      bytes += rest.byteLength;
      if (bytes > MAX_LINE_BYTES) controller.error(protocolError(`printed more than ${MAX_LINE_BYTES} bytes without an end of line`));
    },
    flush: line,
  });
}

/** Whether brackets outside of strings are nested deeper than `limit`, without reading the JSON. */
function isDeeperThan(line: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = Buffer.from('"\\{}[]');

function isJsonObject(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** `problem` completes "the agent does not speak the Agent Client Protocol: it ...". */
export function protocolError(problem: string): MillraceError {
  return new MillraceError("agent_protocol", `the agent does not speak the Agent Client Protocol: it ${problem}`, {
    fix: "check the agent's command line; ACP needs stdout for messages alone",
  });
}
