import { lstat, readdir, readlink, rm } from "node:fs/promises";
import { join, sep } from "node:path";

/** Git holds the lock of a ref for milliseconds. */
const AT_LEAST_MS = 5_000;
/** The same where the processes that work in a folder cannot be listed. */
const AT_LEAST_UNSEEN_MS = 10 * 60_000;

/**
 * Removes the lock files of HEAD, of refs and of the index that a killed git left in a repository, and returns how many. One that a living
 * process may hold stays: git works inside the repository whose lock it has, and not for long.
 */
export async function clearStaleLocks(gitDir: string): Promise<number> {
  const seen = process.platform === "linux";
  const old: string[] = [];
  for (const path of await lockFiles(gitDir)) if ((await ageOf(path)) >= (seen ? AT_LEAST_MS : AT_LEAST_UNSEEN_MS)) old.push(path);
  if (old.length === 0 || (seen && (await isInUse(gitDir)))) return 0;
  for (const path of old) await rm(path, { force: true });
  return old.length;
}

/** Lock files of the repository itself and below `refs`; links are not followed. */
async function lockFiles(gitDir: string): Promise<readonly string[]> {
  const refs = join(gitDir, "refs");
  const isFolder = (await lstat(refs).catch(() => null))?.isDirectory() === true;
  const below = isFolder ? await readdir(refs, { recursive: true }) : [];
  return [...(await readdir(gitDir)).map((name) => join(gitDir, name)), ...below.map((name) => join(refs, name))].filter((path) =>
    path.endsWith(".lock"),
  );
}

/** How far the time of the file is from the clock, in ms. One from the future was left before the clock was set back. */
async function ageOf(path: string): Promise<number> {
  const stats = await lstat(path).catch(() => null);
  return stats === null ? 0 : Math.abs(Date.now() - stats.mtimeMs);
}

/** Whether a process of this machine has its working directory in the repository. */
async function isInUse(gitDir: string): Promise<boolean> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (cwd === gitDir || cwd.startsWith(gitDir + sep)) return true;
  }
  return false;
}
