import type { SqlValue } from "../statement.js";
import type { SentValue } from "./moments.logic.js";

/**
 * PostgreSQL has no text with a NUL in it, and what an agent prints may have one. It is written as an escape that begins with a
 * character nobody uses; that character itself as two of it. Different texts stay different, and equal ones equal.
 */
const ESCAPE = "\uE000";
const NUL = `${ESCAPE}0`;

export function toPostgres(value: SentValue): SentValue {
  return value instanceof Array ? value.map(escaped) : escaped(value);
}

function escaped(value: SqlValue): SqlValue {
  if (typeof value !== "string" || !/[\0\uE000]/.test(value)) return value;
  return value.replaceAll(ESCAPE, ESCAPE + ESCAPE).replaceAll("\0", NUL);
}

/** A row as it was before `toPostgres`. */
export function fromPostgres(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isEscaped = (value: unknown): boolean => typeof value === "string" && value.includes(ESCAPE);
  if (!Object.values(row).some(isEscaped)) return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, isEscaped(value) ? unescaped(String(value)) : value]));
}

function unescaped(text: string): string {
  return text.replaceAll(/\uE000([\uE0000])/g, (_, after: string) => (after === "0" ? "\0" : ESCAPE));
}
