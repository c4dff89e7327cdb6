import { isMillraceError, MillraceError } from "./errors.js";

/** The code of a system error (`ENOSPC`); null for any other value. */
function errnoOf(error: unknown): string | null {
  return error instanceof Error && !isMillraceError(error) && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** The error of a file that is not what it must be: a pipe, a link, too long, not what was written. `how` completes "it ...". */
export function fileUnusable(path: string, how: string, cause?: unknown): MillraceError {
  return new MillraceError("file_unusable", `the file '${path}' cannot be used: it ${how}`, {
    fix: "look at what is in its place, and remove it",
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a path leads to when it cannot be opened for good. ENXIO: no process has the other end of the pipe. */
const REFUSALS: Readonly<Record<string, string>> = { ELOOP: "is a link", ENXIO: "is a pipe or a socket", EISDIR: "is a folder" };

/**
 * Null for the system error of a missing file. Any other one is thrown as an error of Millrace, and what is no system error as it is.
 *
 * @throws MillraceError `file_unusable` for what is no file, `unavailable` for a file that cannot be opened now.
 */
export function nullWhenMissing(path: string, error: unknown): null {
  const errno = errnoOf(error);
  if (errno === null) throw error;
  if (errno === "ENOENT" || errno === "ENOTDIR") return null;
  const how = REFUSALS[errno];
  if (how !== undefined) throw fileUnusable(path, how, error);
  throw new MillraceError("unavailable", `the file '${path}' cannot be opened (${errno})`, {
    fix: "see that your user may read it",
    details: { path, errno },
    cause: error,
  });
}

/** What to do about a folder that cannot be written to, by the code of the system's error. */
const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: "free some space on its disk",
  EDQUOT: "free some space: the quota of your user is used up",
  EFBIG: "raise the limit of the size of files (ulimit -f)",
  EROFS: "mount its file system writable",
  EACCES: "make it writable for your user: chmod u+rwx",
  EPERM: "make it writable for your user: chmod u+rwx",
  ENOENT: "make it, or correct the setting that names it (TMPDIR for temporary files)",
  ENOTDIR: "put a folder in its place",
  EEXIST: "put a folder in its place",
};

/**
 * Throws a system error of a write to a folder as `folder_unwritable` with its fix, and what is no system error as it is.
 *
 * @throws MillraceError `folder_unwritable`.
 */
export function throwUnwritable(folder: string, error: unknown): never {
  const errno = errnoOf(error);
  if (errno === null) throw error;
  throw new MillraceError("folder_unwritable", `nothing can be written to the folder '${folder}' (${errno})`, {
    fix: FIXES[errno] ?? "see that it is a folder that your user may write to",
    details: { folder, errno },
    cause: error,
  });
}
