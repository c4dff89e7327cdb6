import { lstat, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryRef } from "@millrace/contracts";
import type { Checkout, Worktrees } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import { readRecord } from "./checkout-record.js";
import { diffOfBranch } from "./branch-diff.js";
import { observeCheckout } from "./observe-checkout.js";
import { cloneGit, prepareCheckout, removeCheckout } from "./prepare-checkout.js";
import { commitAll, pushCheckout } from "./push-checkout.js";
import { branchRef, readRemoteRefs } from "./refs.js";

export interface GitWorktreesOptions {
  /**
   * Address of a repository: an absolute path, `https://`, `ssh://`. Asked again for every operation, so it may carry short-lived
   * credentials; git gets them in its environment, not on its command line, and clones keep the address without them.
   */
  remoteUrl(repository: RepositoryRef): Promise<string> | string;
}

/**
 * Owns the clones that jobs work in; knows nothing of agents, pull requests or runs. Any forge that speaks git fits.
 *
 * 1. What an agent did to `.git` never changes what Millrace runs: configuration, grafts, alternates and excludes are put back
 *    before every look, hooks and monitors are off.
 * 2. The remote's address comes from `remoteUrl`, never from the clone.
 * 3. A job's push lands as a whole, at most once, and only where the branch still was.
 */
export function createGitWorktrees(options: GitWorktreesOptions): Worktrees {
  const urlOf = async (repository: RepositoryRef) => options.remoteUrl(repository);
  const open = async (checkout: Checkout) => {
    const record = await requireRecord(checkout);
    await restore(record);
    return { git: cloneGit(checkout.path), record, url: await urlOf(checkout.repository) };
  };
  return {
    prepare: async (request) => prepareCheckout(request, await urlOf(request.repository)),
    async observe(checkout, scope) {
      const { git, record, url } = await open(checkout);
      return observeCheckout(git, record, url, scope);
    },
    async commitAll(checkout, message) {
      const { git } = await open(checkout);
      // Whoever held it was killed: the agent's whole process group is gone before the harness commits.
      await rm(join(checkout.path, ".git", "index.lock"), { force: true });
      return commitAll(git, checkout, message);
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

async function requireRecord(checkout: Checkout): Promise<ReadyRecord> {
  const record = await readRecord(checkout.path);
  if (record?.is === "ready" && record.key === checkout.key) return record;
  throw new MillraceError("repository_missing", `there is no checkout of '${checkout.key}' at '${checkout.path}'`, {
    fix: "Prepare the checkout again.",
  });
}

/** Puts back what decides how git reads the clone. Each of these files can run a command or show another history than the real one. */
async function restore({ checkout, config: text }: ReadyRecord): Promise<void> {
  const dotGit = join(checkout.path, ".git");
  // A file or a link here would send every command below to a repository of somebody else's choice.
  const isFolder = await lstat(dotGit).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new MillraceError("repository_missing", `the clone '${checkout.path}' has no .git folder of its own any more`, {
      fix: "Start the job again.",
    });
  const config = join(dotGit, "config");
  if ((await readFile(config, "utf8").catch(() => null)) !== text) {
    const next = `${config}.millrace`;
    for (const path of [next, config]) await rm(path, { recursive: true, force: true });
    await writeFile(next, text, { flag: "wx" });
    await rename(next, config);
  }
  for (const planted of ["info", "commondir", "config.worktree", join("objects", "info", "alternates")])
    await rm(join(dotGit, planted), { recursive: true, force: true });
}
