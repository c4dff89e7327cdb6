/**
 * What a board's folder must be before anything of it is read: it says which programs run and which secrets are read.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, type Stats } from "node:fs";
import { devNull } from "node:os";
import { dirname } from "node:path";
import { MillraceError } from "@millrace/kernel";
import { projectPaths } from "./project-paths.js";

/** Modes of a board: for its user alone. */
export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

/** May be written by the group or by others. */
const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;

/**
 * Refuses a board's folders, configuration or database that is a link, belongs to another user or may be written by one. What others may
 * only read is closed to them.
 *
 * @throws MillraceError `board_unsafe` with the fix.
 */
export function refuseUnsafe(folder: string): void {
  const { config, database, jobs, checks, tokens } = projectPaths(folder);
  for (const place of [folder, jobs, checks, tokens]) guard(place, "a folder", FOLDER_MODE, (stats) => stats.isDirectory());
  for (const file of [config, database, `${database}-wal`, `${database}-shm`]) guard(file, "a file", FILE_MODE, (stats) => stats.isFile());
}

function guard(path: string, wanted: string, mode: number, fits: (stats: Stats) => boolean): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!fits(stats)) throw unsafe(path, `is not ${wanted}`, "look at what is in its place, and remove it");
  const user = process.getuid?.();
  if (user !== undefined && stats.uid !== user)
    throw unsafe(path, "belongs to another user", `work as that user, or make it yours: chown -R "$(id -un)" '${path}'`);
  if ((stats.mode & OTHERS_WRITE) !== 0) throw unsafe(path, "may be written by other users", `chmod go-w '${path}'`);
  if ((stats.mode & OTHERS) !== 0) chmodSync(path, mode);
}

/** Settings of a repository that would start a program. */
const QUIET = ["-c", "core.fsmonitor=false", "-c", `core.hooksPath=${devNull}`, "--no-pager"];
const GIT_TIMEOUT_MS = 10_000;

/**
 * Refuses a board that is part of a repository: a clone of it would be a board as well, and a push would publish it.
 *
 * @throws MillraceError `board_unsafe`.
 */
export function refuseTracked(folder: string): void {
  if (trackedFiles(folder) === "") return;
  throw unsafe(folder, "is tracked by git", `git rm -r --cached '${folder}', and commit`);
}

/** Empty also where there is no repository. */
function trackedFiles(folder: string): string {
  try {
    return execFileSync("git", [...QUIET, "ls-files", "-z", "--", folder], {
      cwd: dirname(folder),
      env: { PATH: process.env["PATH"] ?? "", HOME: devNull, LC_ALL: "C", GIT_CONFIG_NOSYSTEM: "1", GIT_OPTIONAL_LOCKS: "0" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: GIT_TIMEOUT_MS,
      killSignal: "SIGKILL",
      encoding: "utf8",
    });
  } catch (error) {
    // The exit code of git outside of a repository. Without git nothing is tracked.
    if (error instanceof Error && (("status" in error && error.status === 128) || ("code" in error && error.code === "ENOENT"))) return "";
    throw unsafe(folder, "cannot be told from files of the repository: git did not answer", "see what git says here: git ls-files");
  }
}

function unsafe(path: string, how: string, fix: string): MillraceError {
  return new MillraceError("board_unsafe", `'${path}' ${how}`, { fix, details: { path } });
}
