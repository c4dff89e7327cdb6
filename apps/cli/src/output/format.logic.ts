import { stripVTControlCharacters } from "node:util";

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

/** Text of agents, repositories and programs without escape sequences and control characters, which would steer the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, (control) => (control === "\n" || control === "\t" ? control : ""));
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
