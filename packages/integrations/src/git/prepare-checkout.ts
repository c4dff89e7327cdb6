import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import type { Checkout } from "@millrace/kernel";
import { MillraceError, throwUnwritable } from "@millrace/kernel";
import { readBounded } from "../paths/read-bounded.js";
import { readRecord, recordPath, removeRecord, writeRecord } from "./checkout-record.js";
import type { Git } from "./git.js";
import { GIT_IDENTITY, gitAt } from "./git.js";
import { jobMarkers, readMarkers } from "./job-markers.js";
import type { Refs } from "./refs.js";
import { branchRef, readRefs, readRemoteRefs, requireRemote, requireRoom } from "./refs.js";
import { protocolOf, withoutCredential } from "./remote-url.logic.js";

/** Argument of `Worktrees.prepare`. */
export interface PrepareRequest {
  readonly key: string;
  readonly repository: RepositoryRef;
  readonly branch: string;
  readonly folder: string;
  readonly mergeBase: boolean;
}

const TRACKING = "refs/remotes/origin/";
const CLONE_TIMEOUT_MS = 15 * 60_000;
/** Largest `.git/config` of a clone, in bytes. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** Git bound to the clone of a checkout. `timeoutMs`: longest local command. */
export function cloneGit(folder: string, timeoutMs?: number): Git {
  return gitAt({ gitDir: join(folder, ".git"), workTree: folder, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

/**
 * Prepares the checkout of a job.
 * 1. Return the complete checkout of this key, if there is one.
 * 2. Otherwise remove what a crash left in the folder.
 * 3. Clone the remote.
 * 4. Check out the branch.
 * 5. Merge the base, if requested.
 * 6. Write the record, last, so that only a complete clone has a `ready` record.
 */
export async function prepareCheckout(request: PrepareRequest, url: string): Promise<Checkout> {
  const { folder, key } = request;
  const branch = await branchRef(request.branch);
  const markers = jobMarkers(key);
  const record = await readRecord(folder);
  if (record?.is === "ready" && record.key === key && (await isFolder(join(folder, ".git")))) {
    const done = readMarkers(markers, await readRemoteRefs(url, markers.pushed, markers.start, markers.base));
    return { ...record.checkout, pushed: done?.pushed ?? null };
  }
  await requireRemote(url);
  await clearFolder(folder, record !== null);
  await writeRecord(folder, { is: "cloning", key });
  const git = await clone(url, folder, branch);
  const remoteRefs = await readTracking(git);
  const done = readMarkers(markers, await readRemoteRefs(url, markers.pushed, markers.start, markers.base));
  const baseTip = remoteRefs[`refs/heads/${request.repository.base}`];
  if (baseTip === undefined) throw missingBase(request.repository);
  requireRoom(request.branch, remoteRefs, request.repository.id);
  if (done !== null)
    await git.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", url, done.pushed, done.start, done.base], {
      protocols: [protocolOf(url)],
      timeoutMs: CLONE_TIMEOUT_MS,
    });
  const head = done?.start ?? remoteRefs[branch] ?? baseTip;
  const baseHead = done?.base ?? baseTip;
  await git.run(["checkout", "--quiet", "--no-track", "-B", request.branch, done?.pushed ?? head]);
  const conflicts = request.mergeBase && done === null ? await mergeBase(git, request, baseHead) : [];
  const checkout: Checkout = {
    key,
    repository: request.repository,
    path: folder,
    branch: request.branch,
    head,
    baseHead,
    refs: await localRefs(git),
    pushed: done?.pushed ?? null,
    conflicts,
  };
  const config = await readBounded(join(folder, ".git", "config"), MAX_CONFIG_BYTES);
  if (config === null) throw new MillraceError("repository_missing", `the clone '${folder}' disappeared while it was made`);
  await writeRecord(folder, {
    is: "ready",
    key,
    checkout: { ...checkout, conflicts: [...conflicts] },
    mergeBase: request.mergeBase,
    remoteRefs,
    config,
  });
  return checkout;
}

/** Refs of the clone without its remote-tracking refs. */
export async function localRefs(git: Git): Promise<Refs> {
  return Object.fromEntries(Object.entries(await readRefs(git)).filter(([name]) => !name.startsWith("refs/remotes/")));
}

/** Removes a checkout. A folder without a record beside it was not made by Millrace and stays. */
export async function removeCheckout(folder: string): Promise<void> {
  if ((await readRecord(folder)) === null) return;
  await rm(folder, { recursive: true, force: true });
  await removeRecord(folder);
}

/** Removes a former checkout. A folder that Millrace did not make must be empty. */
async function clearFolder(folder: string, hasRecord: boolean): Promise<void> {
  if (!hasRecord && !(await isEmpty(folder))) {
    throw new MillraceError("conflict", `the folder '${folder}' is not empty and is no checkout of Millrace`, {
      fix: `Choose another folder for jobs, or empty this one; a checkout has the record '${recordPath(folder)}' beside it.`,
    });
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true }).catch((error: unknown) => throwUnwritable(dirname(folder), error));
}

/**
 * Clones the remote without a checkout. `--no-local` copies objects: a hard-linked file would be the remote's own, and
 * in a shared object store the commits of other jobs would look like part of this clone. `--template=` leaves out
 * sample hooks and the exclude file.
 */
async function clone(url: string, folder: string, branch: string): Promise<Git> {
  const settings = [
    `user.name=${GIT_IDENTITY.name}`,
    `user.email=${GIT_IDENTITY.email}`,
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "core.logAllRefUpdates=true",
  ];
  const args = [
    "clone",
    "--quiet",
    "--no-local",
    "--no-checkout",
    "--template=",
    "--origin=origin",
    ...settings.flatMap((setting) => ["--config", setting]),
    "--",
    url,
    folder,
  ];
  await gitAt().run(args, { protocols: [protocolOf(url)], timeoutMs: CLONE_TIMEOUT_MS });
  const git = cloneGit(folder);
  await git.run(["remote", "set-url", "origin", withoutCredential(url)]);
  // The branch that the clone made for HEAD would look like a ref that the agent made.
  await git.run(["symbolic-ref", "HEAD", branch]);
  for (const name of Object.keys(await readRefs(git, "refs/heads"))) await git.run(["update-ref", "-d", name]);
  return git;
}

/** Branches and tags of the remote by their names there, from the tracking refs, so that the clone has every commit. */
async function readTracking(git: Git): Promise<Refs> {
  const refs = await readRefs(git, TRACKING, "refs/tags");
  return Object.fromEntries(
    Object.entries(refs).flatMap(([name, commit]) =>
      name === `${TRACKING}HEAD` ? [] : [[name.startsWith(TRACKING) ? `refs/heads/${name.slice(TRACKING.length)}` : name, commit]],
    ),
  );
}

/** Merges the base into the branch. Returns the files left in conflict. */
async function mergeBase(git: Git, request: PrepareRequest, baseHead: CommitSha): Promise<string[]> {
  const message = `Merge ${request.repository.base} into ${request.branch}`;
  const { code } = await git.run(
    ["-c", "merge.conflictStyle=merge", "merge", "--quiet", "--no-ff", "--no-edit", "--no-verify", "--no-stat", "-m", message, baseHead],
    { accept: [0, 1] },
  );
  if (code === 0) return [];
  const conflicts = await git.list(["diff", "--name-only", "--no-renames", "--diff-filter=U", "-z"]);
  if (conflicts.length > 0) return conflicts;
  throw new MillraceError(
    "git_failed",
    `git could not merge ${request.repository.base} into ${request.branch}, and named no file in conflict`,
    { details: { command: "git merge", exitCode: code } },
  );
}

function missingBase(repository: RepositoryRef): MillraceError {
  return new MillraceError("repository_missing", `the repository '${repository.id}' has no branch '${repository.base}'`, {
    fix: "Push that branch, or set the repository's base branch to one it has.",
    details: { repository: repository.id, base: repository.base },
  });
}

async function isFolder(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

async function isEmpty(path: string): Promise<boolean> {
  return readdir(path).then(
    (entries) => entries.length === 0,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT",
  );
}
