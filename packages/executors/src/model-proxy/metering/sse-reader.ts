/**
 * Reads the data of server-sent events from a stream of bytes, wherever it is cut: inside an event, a line end or a character.
 * An event longer than `longestChars` is left out, and the memory of the reader stays within it.
 */
export class SseReader {
  readonly #decoder = new TextDecoder();
  readonly #longestChars: number;
  /** The last line so far. */
  #line = "";
  #isLineTooLong = false;
  #data: string[] = [];
  #chars = 0;
  #isEventTooLong = false;
  #endedWithReturn = false;

  constructor(longestChars: number) {
    this.#longestChars = longestChars;
  }

  /** Data of the events that end with this chunk. */
  push(chunk: Uint8Array): readonly string[] {
    const text = this.#decoder.decode(chunk, { stream: true });
    const ended: string[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at];
      if (char !== "\n" && char !== "\r") continue;
      // The second half of a line end.
      if (char === "\n" && (at === 0 ? this.#endedWithReturn : text[at - 1] === "\r")) {
        from = at + 1;
        continue;
      }
      this.#extend(text.slice(from, at));
      from = at + 1;
      const data = this.#endLine();
      if (data !== null) ended.push(data);
    }
    this.#extend(text.slice(from));
    if (text.length > 0) this.#endedWithReturn = text.endsWith("\r");
    return ended;
  }

  #extend(part: string): void {
    if (this.#isLineTooLong) return;
    if (this.#line.length + part.length <= this.#longestChars) this.#line += part;
    else {
      this.#isLineTooLong = true;
      this.#line = "";
    }
  }

  /** Data of the event that an empty line ends; null when the line ended none, or one that has no data or is too long. */
  #endLine(): string | null {
    const line = this.#line;
    this.#line = "";
    if (this.#isLineTooLong) this.#isEventTooLong = true;
    const isEmpty = line === "" && !this.#isLineTooLong;
    this.#isLineTooLong = false;
    if (!isEmpty) {
      this.#takeLine(line);
      return null;
    }
    const data = this.#isEventTooLong || this.#data.length === 0 ? null : this.#data.join("\n");
    this.#data = [];
    this.#chars = 0;
    this.#isEventTooLong = false;
    return data;
  }

  #takeLine(line: string): void {
    if (!line.startsWith("data:") || this.#isEventTooLong) return;
    this.#chars += line.length;
    if (this.#chars > this.#longestChars) {
      this.#isEventTooLong = true;
      this.#data = [];
    } else this.#data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
  }
}
