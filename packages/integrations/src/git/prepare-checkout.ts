import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import type { Checkout } from "@millrace/kernel";
import { MillraceError, throwUnwritable } from "@millrace/kernel";
import { readRecord, recordPath, writeRecord } from "./checkout-record.js";
import type { Git } from "./git.js";
import { GIT_IDENTITY, gitAt } from "./git.js";
import { jobMarkers, readMarkers } from "./job-markers.js";
import { quarantineGit, quarantinePath } from "./quarantine.js";
import type { Refs } from "./refs.js";
import { branchRef, readRefs, readRemoteRefs, requireRemote, requireRoom } from "./refs.js";
import { protocolOf } from "./remote-url.logic.js";
import { removeTree } from "../paths/remove-tree.js";

/** Argument of `Worktrees.prepare`. */
export interface PrepareRequest {
  readonly key: string;
  readonly repository: RepositoryRef;
  readonly branch: string;
  readonly folder: string;
  readonly control: string;
  readonly mergeBase: boolean;
}

const CLONE_TIMEOUT_MS = 15 * 60_000;

/**
 * Prepares the checkout of a job.
 * 1. Return the complete checkout of this key, if there is one.
 * 2. Otherwise remove what a crash left in the folders.
 * 3. Clone the remote into the quarantine, and from there the work folder.
 * 4. Check out the branch.
 * 5. Merge the base, if requested.
 * 6. Write the record, last, so that only a complete clone has a `ready` record. The host's git works in the folder until then, and
 *    never again: no agent was there yet.
 */
export async function prepareCheckout(request: PrepareRequest, url: string): Promise<Checkout> {
  const { folder, control, key } = request;
  const branch = await branchRef(request.branch);
  const markers = jobMarkers(key);
  const record = await readRecord(control);
  if (record?.is === "ready" && record.key === key && (await isFolder(folder))) {
    const done = readMarkers(markers, await readRemoteRefs(url, markers.pushed, markers.start, markers.base));
    return { ...record.checkout, pushed: done?.pushed ?? null };
  }
  await requireRemote(url);
  await clearFolder(request, record !== null);
  await writeRecord(control, { is: "cloning", key });
  const quarantine = await cloneRemote(url, control);
  const remoteRefs = await readRefs(quarantine, "refs/heads", "refs/tags");
  const done = readMarkers(markers, await readRemoteRefs(url, markers.pushed, markers.start, markers.base));
  const baseTip = remoteRefs[`refs/heads/${request.repository.base}`];
  if (baseTip === undefined) throw missingBase(request.repository);
  requireRoom(request.branch, remoteRefs, request.repository.id);
  if (done !== null)
    await quarantine.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", url, done.pushed, done.start, done.base], {
      protocols: [protocolOf(url)],
      timeoutMs: CLONE_TIMEOUT_MS,
    });
  const head = done?.start ?? remoteRefs[branch] ?? baseTip;
  const baseHead = done?.base ?? baseTip;
  const git = await cloneWork(quarantinePath(control), folder, branch);
  await git.run(["checkout", "--quiet", "--no-track", "-B", request.branch, done?.pushed ?? head]);
  const conflicts = request.mergeBase && done === null ? await mergeBase(git, request, baseHead) : [];
  const checkout: Checkout = {
    key,
    repository: request.repository,
    path: folder,
    control,
    branch: request.branch,
    head,
    baseHead,
    refs: await localRefs(git),
    pushed: done?.pushed ?? null,
    conflicts,
  };
  await writeRecord(control, {
    is: "ready",
    key,
    checkout: { ...checkout, conflicts: [...conflicts] },
    mergeBase: request.mergeBase,
    remoteRefs,
  });
  return checkout;
}

/** Refs of the clone without its remote-tracking refs. */
async function localRefs(git: Git): Promise<Refs> {
  return Object.fromEntries(Object.entries(await readRefs(git)).filter(([name]) => !name.startsWith("refs/remotes/")));
}

/** Removes a checkout. Folders without a record were not made by Millrace and stay. */
export async function removeCheckout({ path, control }: Pick<Checkout, "path" | "control">): Promise<void> {
  if ((await readRecord(control)) === null) return;
  await removeTree(path);
  await rm(control, { recursive: true, force: true });
}

/** Removes a former checkout. A work folder that Millrace did not make must be empty. */
async function clearFolder({ folder, control }: PrepareRequest, hasRecord: boolean): Promise<void> {
  if (!hasRecord && !(await isEmpty(folder))) {
    throw new MillraceError("conflict", `the folder '${folder}' is not empty and is no checkout of Millrace`, {
      fix: `Choose another folder for jobs, or empty this one; a checkout has the record '${recordPath(control)}'.`,
    });
  }
  await removeTree(folder);
  await rm(quarantinePath(control), { recursive: true, force: true });
  for (const path of [dirname(folder), control])
    await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => throwUnwritable(path, error));
}

/**
 * Clones the remote into the quarantine. `--no-local` takes only what its branches and tags reach: an object that no ref leads to, which
 * a folder of objects may hold, could be named by an agent that knows its digest.
 */
async function cloneRemote(url: string, control: string): Promise<Git> {
  await gitAt().run(["clone", "--quiet", "--bare", "--no-local", "--template=", "--", url, quarantinePath(control)], {
    protocols: [protocolOf(url)],
    timeoutMs: CLONE_TIMEOUT_MS,
  });
  const git = quarantineGit(control);
  await git.run(["remote", "remove", "origin"]);
  return git;
}

/**
 * Clones the quarantine without a checkout. `--no-hardlinks` copies its objects, which an agent could write through a link; `--template=`
 * leaves out sample hooks and the exclude file. The branches of the remote stay to be read as `origin/<name>`, but there is no such
 * remote: nothing can be fetched or pushed.
 */
async function cloneWork(quarantine: string, folder: string, branch: string): Promise<Git> {
  const settings = [`user.name=${GIT_IDENTITY.name}`, `user.email=${GIT_IDENTITY.email}`, "core.hooksPath=/dev/null", "gc.auto=0"];
  const args = [
    "clone",
    "--quiet",
    "--no-hardlinks",
    "--no-checkout",
    "--template=",
    "--origin=origin",
    ...settings.flatMap((setting) => ["--config", setting]),
    "--",
    quarantine,
    folder,
  ];
  await gitAt().run(args, { protocols: ["file"], timeoutMs: CLONE_TIMEOUT_MS });
  const git = gitAt({ gitDir: join(folder, ".git"), workTree: folder });
  await git.run(["config", "--remove-section", "remote.origin"]);
  // The branch that the clone made for HEAD would look like a ref that the agent made.
  await git.run(["symbolic-ref", "HEAD", branch]);
  for (const name of Object.keys(await readRefs(git, "refs/heads"))) {
    await git.run(["update-ref", "-d", name]);
    await git.run(["config", "--remove-section", `branch.${name.slice("refs/heads/".length)}`]);
  }
  return git;
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

/** Looks at the folder itself and at nothing in it. */
export async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

async function isEmpty(path: string): Promise<boolean> {
  return readdir(path).then(
    (entries) => entries.length === 0,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT",
  );
}
