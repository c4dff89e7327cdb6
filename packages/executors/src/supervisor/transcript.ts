import { closeSync, constants, writeSync } from "node:fs";
import { dirname } from "node:path";
import { notFound } from "@millrace/kernel";
import { openRegularSync } from "../files/regular-file.js";

/** An open transcript. */
export interface Transcript extends Disposable {
  /** Appends one line. `entry` is serialised to JSON and then redacted. */
  add(direction: "to-agent" | "from-agent" | "stderr" | "note", entry: unknown): void;
}

/** Largest transcript, in bytes: an endless output must not fill the disk. */
const TRANSCRIPT_LIMIT = 8 * 1024 * 1024;

/** Opens a transcript: JSON lines without secrets, at most `limit` bytes (default 8 MiB) and one line that says so. */
export function openTranscript(path: string, redact: (text: string) => string, limit: number = TRANSCRIPT_LIMIT): Transcript {
  const file = openRegularSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  if (file === null) throw notFound("folder", dirname(path));
  let bytes = 0;
  let full = false;
  const line = (direction: string, entry: unknown): string => `${redact(JSON.stringify({ at: Date.now(), direction, entry }))}\n`;
  return {
    add(direction, entry) {
      if (full) return;
      const text = line(direction, entry);
      bytes += Buffer.byteLength(text);
      full = bytes > limit;
      try {
        writeSync(file, full ? line("note", `the transcript reached ${limit} bytes; the rest is left out`) : text);
      } catch {
        // It is for people to read: a full disk must not end the turn.
        full = true;
      }
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}
