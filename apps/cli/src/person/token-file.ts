/** The file that holds a person's token: for its user alone, and outside the view of every sandbox. */
import { lstatSync, writeFileSync } from "node:fs";
import { readBoundedSync } from "@millrace/executors";
import { MillraceError, throwUnwritable } from "@millrace/kernel";
import { FILE_MODE } from "../config/board-guard.js";
import { parseToken, tokenText, type Token } from "./token.js";

/** Names the file of a token, in place of `--token-file`. */
export const TOKEN_VARIABLE = "MILLRACE_TOKEN_FILE";

const OTHERS = 0o077;
/** Largest file of a token, in bytes. */
const MAX_BYTES = 4096;

/**
 * The token in a file; null when the file is not there.
 *
 * @throws MillraceError `invalid_credentials` for a file that others may read, that is another user's, or that holds no token.
 */
export function readTokenFile(path: string): Token | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (!stats.isFile()) throw refused(path, "is no file", "name the file that 'millrace token create' wrote");
  const user = process.getuid?.();
  if (user !== undefined && stats.uid !== user) throw refused(path, "belongs to another user", "name a token file of your own");
  if ((stats.mode & OTHERS) !== 0) throw refused(path, "may be read by others", `chmod 600 '${path}'`);
  const token = parseToken(readBoundedSync(path, { maxBytes: MAX_BYTES }) ?? "");
  if (token === null) throw refused(path, "holds no token", "name the file that 'millrace token create' wrote");
  return token;
}

/**
 * Writes a new file; one that is there is never replaced.
 *
 * @throws MillraceError `folder_unwritable`; `conflict` when there is a file of that name.
 */
export function writeTokenFile(path: string, token: Token): void {
  try {
    writeFileSync(path, `${tokenText(token)}\n`, { mode: FILE_MODE, flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new MillraceError("conflict", `there is a file '${path}' already`, { fix: "name another file, or remove that one" });
    throwUnwritable(path, error);
  }
}

function refused(path: string, how: string, fix: string): MillraceError {
  return new MillraceError("invalid_credentials", `the token file '${path}' ${how}`, { fix, details: { path } });
}
