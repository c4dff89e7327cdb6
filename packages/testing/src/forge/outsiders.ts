import type { CommitSha, PullRequestRef } from "@millrace/contracts";

/**
 * What other people, and a forge's own ways, do to a repository while a run works on it. The memory forge and the GitHub stand-in have
 * the same events; each resolves when it has happened.
 */
export interface Outsiders {
  /** What exists is not shown to the next `times` reads of it, as on a forge that is eventually consistent. Default: 1. */
  hide(what: "pull-request" | "commit" | "branch", times?: number): Promise<void>;
  /** Mergeability is unknown for the next `reads` reads after the head or the base moved. */
  delayMergeability(reads: number): Promise<void>;
  /** A person points an open pull request at another base. */
  retarget(number: number, base: string): Promise<void>;
  /** A person renames a branch; pull requests follow. */
  renameBranch(from: string, to: string): Promise<void>;
  /** A person opens a pull request of a branch to a base. */
  open(branch: string, base: string): Promise<PullRequestRef>;
  /** A person opens one from a fork's branch of that name, whose head is `head`. */
  openFromFork(branch: string, base: string, head: CommitSha): Promise<PullRequestRef>;
  close(number: number): Promise<void>;
  reopen(number: number): Promise<void>;
  /** The rules of a base change: the checks that a merge needs. */
  requireChecks(base: string, names: readonly string[]): Promise<void>;
  /**
   * A person merges an open pull request, whatever its checks say: with a merge commit, as one commit, or by moving the base forward to a
   * head that contains it. Returns the tip of the base after it.
   */
  mergeByHand(number: number, how: "merge" | "squash" | "fast-forward"): Promise<CommitSha>;
  /** The base takes changes through the forge's own merge queue from now on, or no longer. */
  useQueue(base: string, isUsed: boolean): Promise<void>;
  /** The merge queue lands a pull request. Returns the commit that landed. */
  landQueued(number: number): Promise<CommitSha>;
  /** The merge queue takes a pull request out, for a reason. */
  dropQueued(number: number, reason: string): Promise<void>;
}
