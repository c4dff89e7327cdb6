import { ndJsonStream, type AnyMessage, type Stream } from "@agentclientprotocol/sdk";
import { MillraceError } from "@millrace/kernel";

/** Lines that are no JSON an agent may print before it counts as not speaking the protocol: some log a greeting to stdout. */
const GARBAGE_LINES = 20;
const LONGEST_LINE = 16 * 1024 * 1024;

export interface StreamWatch {
  onMessage(direction: "to-agent" | "from-agent", message: AnyMessage): void;
  onGarbage(line: string): void;
}

/** The protocol stream over an agent's pipes. Garbage is left out and counted; too much of it breaks the stream with `agent_protocol`. */
export function acpStream(stdin: WritableStream<Uint8Array>, stdout: ReadableStream<Uint8Array>, watch: StreamWatch): Stream {
  const stream = ndJsonStream(stdin, stdout.pipeThrough(jsonLines(watch)), { maxMessageBytes: LONGEST_LINE });
  const outgoing = tap((message) => watch.onMessage("to-agent", message));
  outgoing.readable.pipeTo(stream.writable).catch(() => {
    // The agent closed its stdin; that its turn died is seen on its stdout and its exit.
  });
  return { readable: stream.readable.pipeThrough(tap((message) => watch.onMessage("from-agent", message))), writable: outgoing.writable };
}

function tap(look: (message: AnyMessage) => void): TransformStream<AnyMessage, AnyMessage> {
  return new TransformStream({
    transform(message, controller) {
      look(message);
      controller.enqueue(message);
    },
  });
}

function jsonLines(watch: StreamWatch): TransformStream<Uint8Array, Uint8Array> {
  let pending: Buffer[] = [];
  let bytes = 0;
  let garbage = 0;
  const line = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    const whole = Buffer.concat(pending);
    pending = [];
    bytes = 0;
    if (isJsonObject(whole)) return controller.enqueue(Buffer.concat([whole, Buffer.from("\n")]));
    const text = whole.toString("utf8", 0, 500).trim();
    if (text === "") return;
    watch.onGarbage(text);
    garbage += 1;
    if (garbage > GARBAGE_LINES)
      controller.error(notProtocol(`printed ${garbage} lines that are no messages, the last one: ${text.slice(0, 120)}`));
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
      if (bytes > LONGEST_LINE) controller.error(notProtocol(`printed more than ${LONGEST_LINE} bytes without an end of line`));
    },
    flush: line,
  });
}

function isJsonObject(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

export function notProtocol(what: string): MillraceError {
  return new MillraceError("agent_protocol", `the agent does not speak the Agent Client Protocol: it ${what}`, {
    fix: "check the agent's command line; ACP needs stdout for messages alone",
  });
}
