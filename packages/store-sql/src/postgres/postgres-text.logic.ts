import type { SqlValue } from "../statement.js";
import type { WireValue } from "./statement-batching.logic.js";

/**
 * PostgreSQL stores no text with a NUL in it, and the output of an agent may have one. It is stored as an escape that begins with a
 * private-use character; that character itself is stored twice. Different texts stay different, and equal ones equal.
 */
const ESCAPE = "\uE000";
const NUL = `${ESCAPE}0`;

export function toPostgres(value: WireValue): WireValue {
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
