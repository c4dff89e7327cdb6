import type { RepositoryRef } from "@millrace/contracts";
import type { Checkout, CommandRunner, Worktrees } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import { readRecord } from "./checkout-record.js";
import { commitAll } from "./commit-all.js";
import type { CommitStyle } from "./commit-style.js";
import { diffOfBranch } from "./branch-diff.js";
import { observeCheckout } from "./observe-checkout.js";
import { isFolder, prepareCheckout, removeCheckout } from "./prepare-checkout.js";
import { pushCheckout } from "./push-checkout.js";
import { MAX_PACK_BYTES, quarantineGit } from "./quarantine.js";
import { branchRef, readRemoteRefs } from "./refs.js";
import { workGit } from "./work-git.js";

/** Options of `createGitWorktrees`. */
export interface GitWorktreesOptions {
  /**
   * Address of a repository: an absolute path, `https://` or `ssh://`. Called for every operation, so the address may
   * contain a short-lived credential. Git gets the credential in its environment, not on its command line, and clones
   * keep the address without it.
   */
  remoteUrl(repository: RepositoryRef): Promise<string> | string;
  /** Runs git in the clones, in a sandbox: an agent decides what git does there. */
  readonly commands: CommandRunner;
  /** Time in ms after which a git command in a clone or on what came out of it is stopped. Default 120,000. */
  readonly gitTimeoutMs?: number;
  /** Largest pack of new objects that a job may deliver, in bytes. Default 256 MiB. */
  readonly maxPackBytes?: number;
  /** Author and sign-off of the commits it makes of an agent's work. Default: Millrace, without a sign-off. */
  readonly commits?: CommitStyle;
}

/**
 * Creates the clones that jobs work in. Owns: the clones and their records. Does not know agents, pull requests or
 * runs. Works with every forge that git can reach.
 *
 * 1. Once an agent was in a clone, the host's git neither runs nor reads there. Git runs there in a sandbox; what it prints is a claim.
 * 2. What is judged is what the host received, in a repository of its own, as objects that it checked; and that is what is pushed.
 * 3. The remote's address comes from `remoteUrl`; a clone has no remote.
 * 4. What an agent left in a clone never blocks Millrace: time and output of every command there are limited.
 * 5. A job's push is atomic, happens at most once, and only if the remote's branch did not move.
 */
export function createGitWorktrees(options: GitWorktreesOptions): Worktrees {
  const urlOf = async (repository: RepositoryRef) => options.remoteUrl(repository);
  const open = async (checkout: Checkout) => {
    const record = await requireRecord(checkout);
    return {
      record,
      git: quarantineGit(checkout.control, options.gitTimeoutMs),
      work: workGit(options.commands, checkout.path, options.gitTimeoutMs),
      url: await urlOf(checkout.repository),
      maxPackBytes: options.maxPackBytes ?? MAX_PACK_BYTES,
    };
  };
  return {
    prepare: async (request) => prepareCheckout(request, await urlOf(request.repository)),
    observe: async (checkout, scope) => observeCheckout(await open(checkout), scope),
    async commitAll(checkout, message) {
      const { work } = await open(checkout);
      return commitAll(work, checkout, message, options.commits);
    },
    async push(checkout) {
      const { git, record, url } = await open(checkout);
      return pushCheckout(git, record, url);
    },
    async remoteHead(checkout) {
      const branch = await branchRef(checkout.branch);
      return (await readRemoteRefs(await urlOf(checkout.repository), branch))[branch] ?? null;
    },
    remove: (checkout) => removeCheckout(checkout),
    diff: async (request) => diffOfBranch(request, await urlOf(request.repository)),
  };
}

/** @throws MillraceError `repository_missing` if there is no complete checkout of this key. */
async function requireRecord({ key, path, control }: Checkout): Promise<ReadyRecord> {
  const record = await readRecord(control);
  if (record?.is === "ready" && record.key === key && (await isFolder(path))) return record;
  throw new MillraceError("repository_missing", `there is no checkout of '${key}' at '${path}'`, { fix: "Prepare the checkout again." });
}
