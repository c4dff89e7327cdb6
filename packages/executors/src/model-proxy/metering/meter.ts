import { NOTHING_READ, type Reading, type WireFormat } from "../wire/wire-format.port.js";
import { SseReader } from "./sse-reader.js";

/** Longest event and longest answer that are read for their usage, in characters; the event that ends a stream can hold the whole answer. */
const LONGEST_CHARS = 16 * 1024 * 1024;

/** Reads the usage of one answer from a copy of its bytes. */
export interface Meter {
  push(chunk: Uint8Array): void;
  /** What was read; to be asked once, at the end. */
  read(): Reading;
}

/** A meter for an answer of this content type. An answer of another type than the API's is read as nothing. */
export function createMeter(format: WireFormat, contentType: string): Meter {
  const type = contentType.split(";")[0]?.trim().toLowerCase();
  if (type === "text/event-stream") return streamMeter(format);
  return type === "application/json" ? answerMeter(format) : { push: () => undefined, read: () => NOTHING_READ };
}

function streamMeter(format: WireFormat): Meter {
  const events = new SseReader(LONGEST_CHARS);
  let reading = NOTHING_READ;
  return {
    push(chunk) {
      for (const data of events.push(chunk))
        if (format.usageMarks.some((mark) => data.includes(mark))) reading = format.readEvent(reading, parsed(data));
    },
    read: () => reading,
  };
}

function answerMeter(format: WireFormat): Meter {
  const decoder = new TextDecoder();
  let text = "";
  let isTooLong = false;
  return {
    push(chunk) {
      if (isTooLong) return;
      text += decoder.decode(chunk, { stream: true });
      isTooLong = text.length > LONGEST_CHARS;
      if (isTooLong) text = "";
    },
    read: () => (isTooLong ? NOTHING_READ : format.readAnswer(parsed(text))),
  };
}

/** Undefined for what is no JSON, such as the mark at the end of a stream. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
