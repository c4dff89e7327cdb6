/** A length of time in ms as `950 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Time since `at` (epoch ms) in one unit: `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function ago(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** A time (epoch ms) as `2026-11-23 14:05:09` in the machine's time zone. */
export function clockTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** First 10 characters of a commit or another digest. */
export function short(digest: string): string {
  return digest.slice(0, 10);
}

/** Any text on one line of at most `chars` characters, cut with an ellipsis. */
export function oneLine(text: string, chars: number): string {
  const flat = printable(text).replace(/\s+/g, " ").trim();
  return flat.length <= chars ? flat : `${flat.slice(0, Math.max(0, chars - 1)).trimEnd()}…`;
}

/**
 * What would steer a terminal, or show a text in another order than it is read in: control characters, bidirectional controls, separators
 * and characters without a width that are no part of a script.
 */
const UNSAFE =
  /[\p{Cc}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

/** Text of agents, repositories and programs with everything unsafe written out, as `\x1b` or `\u202e`: nothing of it is hidden. */
export function harmless(text: string): string {
  return text.replace(UNSAFE, (character) => (character === "\n" || character === "\t" ? character : writtenOut(character)));
}

/** A value as JSON whose characters are all harmless: what is unsafe is escaped, and reads as the same value. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) =>
    Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
  );
}

function writtenOut(character: string): string {
  if (character === "\r") return "\\r";
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/** Colours and carriage returns at line ends, which programs print at a terminal: they hide nothing once they are gone. */
// oxlint-disable-next-line no-control-regex
const COLOURS = /\u001B\[[\d;]*m|\r(?=\n|$)/g;

/** The same for what programs and agents print. Colours are left out, everything else is written out. */
export function printable(text: string): string {
  return harmless(text.replace(COLOURS, ""));
}

/** The lines of a text, each behind `margin`; none for an empty text. */
export function indented(text: string, margin: string): readonly string[] {
  const clean = printable(text).trimEnd();
  return clean === "" ? [] : clean.split("\n").map((line) => `${margin}${line}`.trimEnd());
}

/** Rows in columns as wide as their widest cell, two blanks apart. The last column is not padded. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** A number with thousands separators: `1,234`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}
