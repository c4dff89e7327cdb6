import { MillraceError } from "@millrace/kernel";
import type { ConstraintKind } from "../commit/commit-statement.js";

/** An error of the server, as the driver reports it. */
export interface Sqlstate {
  readonly code: string;
  readonly constraint: string | null;
}

/** Five characters, `class` and `condition` (postgresql.org/docs/current/errcodes-appendix.html); null for an error that did not come from the server. */
export function sqlstateOf(error: unknown): Sqlstate | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string" || !/^[0-9A-Z]{5}$/.test(error.code)) return null;
  // Node's own codes look alike (`EPIPE`); a server's come with a severity.
  if (!("severity" in error)) return null;
  const constraint = "constraint" in error && typeof error.constraint === "string" ? error.constraint : null;
  return { code: error.code, constraint };
}

/** Which constraint refused the statement; null when the error is not about one. */
export function constraintOf(error: unknown, primaryKeys: ReadonlySet<string>): ConstraintKind | null {
  const state = sqlstateOf(error);
  switch (state?.code) {
    case "23505":
      return state.constraint !== null && primaryKeys.has(state.constraint) ? "primary-key" : "unique";
    case "23502":
      return "not-null";
    case "23514":
      return "check";
    default:
      return null;
  }
}

/** The connection is gone, and with it the answer: the statement may have been executed. */
export function isLost(error: unknown): boolean {
  const state = sqlstateOf(error);
  return state === null || state.code.startsWith("08") || ["57P01", "57P02", "57P03", "57P05", "25P03"].includes(state.code);
}

/** The server rolled the transaction back for another one, or for an outdated plan: a retry may succeed. */
export function isPassing(error: unknown): boolean {
  const code = sqlstateOf(error)?.code;
  return code === "40001" || code === "40P01" || isOutdated(error);
}

/** The connection's prepared statements no longer fit the schema. */
export function isOutdated(error: unknown): boolean {
  return sqlstateOf(error)?.code === "0A000";
}

/** A combined statement would write a row twice. Its parts may, as statements of their own. */
export function isRowWrittenTwice(error: unknown): boolean {
  return sqlstateOf(error)?.code === "21000";
}

/** The server was reached and accepts no further connection. */
export function isFull(error: unknown): boolean {
  return sqlstateOf(error)?.code === "53300";
}

const UNUSABLE: ReadonlyMap<string, string> = new Map([
  ["28000", "the user may not connect"],
  ["28P01", "user or password are wrong"],
  ["3D000", "there is no such database"],
  ["42501", "the user lacks a privilege"],
  ["25006", "it is read-only: a standby, or switched to it"],
  ["53100", "its disk is full"],
  ["53200", "it is out of memory"],
]);

/** The Millrace error of a driver's error; a Millrace error passes unchanged. `name` never holds a password. */
export function postgresError(error: unknown, name: string): MillraceError {
  if (error instanceof MillraceError) return error;
  if (isLost(error)) return unreachable(name, "not-sent", error);
  const code = sqlstateOf(error)?.code ?? "";
  const details = { database: name, sqlstate: code };
  const why = UNUSABLE.get(code);
  if (why !== undefined) {
    return new MillraceError("database_unwritable", `the database '${name}' cannot be written: ${why}`, {
      fix: "Check the URL, and that its user may create and write the schema of the store.",
      details,
      cause: error,
    });
  }
  if (["40001", "40P01", "55P03", "57014", "53300"].includes(code)) {
    return new MillraceError("database_busy", `the database '${name}' kept a statement waiting for too long`, {
      fix: "Try again; if it stays busy, look for a transaction that is left open.",
      details,
      cause: error,
    });
  }
  if (code.startsWith("22")) {
    return new MillraceError("validation", `a value cannot be stored in '${name}'`, {
      fix: "Pass what the contract says.",
      details,
      cause: error,
    });
  }
  if (code.startsWith("XX")) return corrupt(name, "its server reports damaged data", error);
  return new MillraceError("internal", `the database '${name}' refused a statement (SQLSTATE ${code})`, { details, cause: error });
}

/** `outcome` `unknown`: it was sent and its answer is lost; read before you retry. */
export function unreachable(name: string, outcome: "not-sent" | "unknown", cause: unknown): MillraceError {
  const what = outcome === "unknown" ? "was lost before it answered: the commit may have happened" : "cannot be reached";
  return new MillraceError("unavailable", `the database '${name}' ${what}`, {
    fix: "Try again; if it stays away, check that the server runs and that its address is right.",
    details: { database: name, outcome },
    cause,
  });
}

export function corrupt(name: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError("database_corrupt", `the database '${name}' cannot be read: ${why}`, {
    fix: "Check the URL and the schema; if they are right, restore a backup. Nothing was changed in it.",
    details: { database: name },
    ...(cause === undefined ? {} : { cause }),
  });
}
