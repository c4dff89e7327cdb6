import { expect, it } from "vitest";
import { SseReader } from "./sse-reader.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const readAll = (chunks: readonly Uint8Array[], longest = 1000): readonly string[] => {
  const reader = new SseReader(longest);
  return chunks.flatMap((chunk) => reader.push(chunk));
};

it.each([
  ["lines that end with a line feed", "event: a\ndata: one\n\ndata: two\n\n"],
  ["lines that end with both", "event: a\r\ndata: one\r\n\r\ndata: two\r\n\r\n"],
  ["lines that end with a return", "event: a\rdata: one\r\rdata: two\r\r"],
  ["comments, ids and no space", ": hello\nid: 1\ndata:one\n\n:\n\ndata: two\nretry: 3\n\n"],
  ["a mark of the byte order", "\uFEFFdata: one\n\ndata: two\n\n"],
])("reads %s", (_, text) => {
  expect(readAll([encode(text)])).toEqual(["one", "two"]);
});

it("joins the lines of an event, and leaves out one that has not ended", () => {
  expect(readAll([encode("data: a\ndata: b\n\ndata: c\n")])).toEqual(["a\nb"]);
});

it("leaves out an event that is too long, in one line or in many, and goes on after it", () => {
  const text = `data: ${"x".repeat(60)}\n\ndata: one\n\n${"data: yyyy\n".repeat(10)}\ndata: two\n\n`;
  expect(readAll([encode(text)], 40)).toEqual(["one", "two"]);
});

it("reads the same wherever the bytes are cut: in an event, a line end or a character", () => {
  const text = "event: x\r\ndata: 世界 🦊\r\n\r\ndata: Grüße\ndata: ✓\n\ndata: z\r\r";
  const bytes = encode(text);
  const whole = readAll([bytes]);
  for (let first = 0; first <= bytes.length; first += 1)
    for (let second = first; second <= bytes.length; second += 1) {
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      expect(readAll(pieces), `cut at ${first} and ${second}`).toEqual(whole);
    }
  expect(whole).toEqual(["世界 🦊", "Grüße\n✓", "z"]);
});
