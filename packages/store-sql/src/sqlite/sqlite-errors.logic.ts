import { MillraceError } from "@millrace/kernel";
import type { ConstraintKind } from "../commit/commit-statement.js";

/** Extended result codes of SQLite's constraints (sqlite.org/rescode.html). */
const CONSTRAINTS: ReadonlyMap<number, ConstraintKind> = new Map([
  [2067, "unique"],
  [1555, "primary-key"],
  [1299, "not-null"],
  [275, "check"],
]);

/** Which constraint refused the statement; null when the error is not about one. */
export function constraintOf(error: unknown): ConstraintKind | null {
  const code = errcodeOf(error);
  return code === null ? null : (CONSTRAINTS.get(code) ?? null);
}

/** Another connection holds a lock that this one needs. */
export function isBusy(error: unknown): boolean {
  const code = errcodeOf(error);
  return code !== null && [5, 6].includes(code & 0xff);
}

/** The Millrace error of a node:sqlite error; a Millrace error passes unchanged. */
export function sqliteError(error: unknown, path: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const code = errcodeOf(error);
  if (code === null) return other(error, path);
  const details = { path, errcode: code };
  // The low byte is the primary code; the rest says more about it.
  switch (code & 0xff) {
    case 5:
    case 6:
      return new MillraceError("database_busy", `the database '${path}' is locked by another process`, {
        fix: "Try again; if it stays locked, find the process that holds it open.",
        details,
        cause: error,
      });
    case 11:
    case 26:
      return corrupt(path, "the file is damaged or is not a SQLite database", details, error);
    case 3:
    case 8:
    case 10:
    case 13:
    case 14:
    case 23:
      return unwritable(path, UNWRITABLE.get(code & 0xff) ?? "it cannot be opened", details, error);
    default:
      return new MillraceError("internal", `the database '${path}' refused a statement (SQLite code ${code})`, { details, cause: error });
  }
}

const UNWRITABLE: ReadonlyMap<number, string> = new Map([
  [3, "access to it is denied"],
  [8, "it is read-only"],
  [10, "the disk reported an error"],
  [13, "the disk is full"],
  [14, "it cannot be opened"],
]);

export function unwritable(path: string, why: string, details: MillraceError["details"] = { path }, cause?: unknown): MillraceError {
  return new MillraceError("database_unwritable", `the database '${path}' cannot be written: ${why}`, {
    fix: "Create its folder, make folder and file writable for this user, and check that the disk has space.",
    details,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function corrupt(path: string, why: string, details: MillraceError["details"] = { path }, cause?: unknown): MillraceError {
  return new MillraceError("database_corrupt", `the database '${path}' cannot be read: ${why}`, {
    fix: "Check the path; if it is the right file, move it aside and restore a backup. Nothing was changed in it.",
    details,
    ...(cause === undefined ? {} : { cause }),
  });
}

function other(error: unknown, path: string): MillraceError {
  if (error instanceof Error && "code" in error) {
    // The database or a statement of it was closed.
    if (error.code === "ERR_INVALID_STATE") {
      return new MillraceError("unavailable", `the store of '${path}' was closed`, { fix: "Open it again.", cause: error });
    }
    if (error.code === "ERR_INVALID_ARG_TYPE" || error.code === "ERR_INVALID_ARG_VALUE") {
      return new MillraceError("validation", `a value cannot be stored in '${path}'`, {
        fix: "Pass what the contract says.",
        cause: error,
      });
    }
  }
  return new MillraceError("internal", `the database '${path}' failed`, { cause: error });
}

function errcodeOf(error: unknown): number | null {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : null;
}
