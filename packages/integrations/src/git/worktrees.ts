import { lstat, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryRef } from "@millrace/contracts";
import type { Checkout, Worktrees } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import { readRecord } from "./checkout-record.js";
import type { CommitStyle } from "./commit-style.js";
import { diffOfBranch } from "./branch-diff.js";
import { observeCheckout } from "./observe-checkout.js";
import { cloneGit, prepareCheckout, removeCheckout } from "./prepare-checkout.js";
import { commitAll, pushCheckout } from "./push-checkout.js";
import { branchRef, readRemoteRefs } from "./refs.js";
import { clearLocks } from "./stale-locks.js";

/** Options of `createGitWorktrees`. */
export interface GitWorktreesOptions {
  /**
   * Address of a repository: an absolute path, `https://` or `ssh://`. Called for every operation, so the address may
   * contain a short-lived credential. Git gets the credential in its environment, not on its command line, and clones
   * keep the address without it.
   */
  remoteUrl(repository: RepositoryRef): Promise<string> | string;
  /** Time in ms after which a local git command in a clone is stopped: an agent can make git wait for good there. Default 120,000. */
  readonly gitTimeoutMs?: number;
  /** Author and sign-off of the commits it makes of an agent's work. Default: Millrace, without a sign-off. */
  readonly commits?: CommitStyle;
}

/**
 * Creates the clones that jobs work in. Owns: the clones and their records. Does not know agents, pull requests or
 * runs. Works with every forge that git can reach.
 *
 * 1. Changes by an agent in `.git` never change what Millrace runs: configuration, grafts, alternates and excludes are
 *    restored before every use; hooks and file-system monitors are off.
 * 2. The remote's address comes from `remoteUrl`, never from the clone.
 * 3. What an agent left in a clone never blocks Millrace: git is stopped after `gitTimeoutMs`, and files are replaced unread.
 * 4. A job's push is atomic, happens at most once, and only if the remote's branch did not move.
 */
export function createGitWorktrees(options: GitWorktreesOptions): Worktrees {
  const urlOf = async (repository: RepositoryRef) => options.remoteUrl(repository);
  const open = async (checkout: Checkout) => {
    const record = await requireRecord(checkout);
    await restore(record);
    return { git: cloneGit(checkout.path, options.gitTimeoutMs), record, url: await urlOf(checkout.repository) };
  };
  return {
    prepare: async (request) => prepareCheckout(request, await urlOf(request.repository)),
    async observe(checkout, scope) {
      const { git, record, url } = await open(checkout);
      return observeCheckout(git, record, url, scope);
    },
    async commitAll(checkout, message) {
      const { git } = await open(checkout);
      return commitAll(git, checkout, message, options.commits);
    },
    async push(checkout) {
      const { git, record, url } = await open(checkout);
      return pushCheckout(git, record, url);
    },
    async remoteHead(checkout) {
      const branch = await branchRef(checkout.branch);
      return (await readRemoteRefs(await urlOf(checkout.repository), branch))[branch] ?? null;
    },
    remove: (checkout) => removeCheckout(checkout.path),
    diff: async (request) => diffOfBranch(request, await urlOf(request.repository)),
  };
}

/** @throws MillraceError `repository_missing` if the folder has no complete checkout of this key. */
async function requireRecord(checkout: Checkout): Promise<ReadyRecord> {
  const record = await readRecord(checkout.path);
  if (record?.is === "ready" && record.key === checkout.key) return record;
  throw new MillraceError("repository_missing", `there is no checkout of '${checkout.key}' at '${checkout.path}'`, {
    fix: "Prepare the checkout again.",
  });
}

/** Restores the files that decide how git reads the clone: each could make it run a command or show a false history. */
async function restore({ checkout, config: text }: ReadyRecord): Promise<void> {
  const dotGit = join(checkout.path, ".git");
  // A file or link in this place would redirect every command below to another repository.
  const isFolder = await lstat(dotGit).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new MillraceError("repository_missing", `the clone '${checkout.path}' has no .git folder of its own any more`, {
      fix: "Start the job again.",
    });
  const config = join(dotGit, "config");
  const next = `${config}.millrace`;
  // Replaced unread: what an agent put in its place may be a pipe, which is never opened.
  for (const path of [next, config]) await rm(path, { recursive: true, force: true });
  await writeFile(next, text, { flag: "wx" });
  await rename(next, config);
  // Their owners are dead: every process of the agent has ended before its clone is used.
  await clearLocks(dotGit);
  for (const planted of ["info", "commondir", "config.worktree", join("objects", "info", "alternates")])
    await rm(join(dotGit, planted), { recursive: true, force: true });
}
