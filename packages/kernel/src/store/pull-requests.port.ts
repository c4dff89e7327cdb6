import type { Check, CommitSha } from "@millrace/contracts";

/** A pull request of a forge that keeps them in our store (`local-git`). */
export interface StoredPullRequest {
  readonly repository: string;
  readonly number: number;
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed" | "merged";
  readonly mergedAs: CommitSha | null;
  readonly mergedHead: CommitSha | null;
  readonly mergedBase: CommitSha | null;
  /** Head when it was opened: work that the base did not have. Null for one that an earlier version opened. */
  readonly openedHead: CommitSha | null;
  /** Tip of the base when it was opened; null as `openedHead`. */
  readonly openedBase: CommitSha | null;
  readonly createdAt: number;
}

/** A check run of such a forge: one per (repository, commit, name, settings). */
export interface StoredCheck extends Check {
  readonly repository: string;
  readonly head: CommitSha;
  /** Digest of the command that ran. */
  readonly settings: string;
  /** Everything the command printed, cut at 256 KiB from the end. */
  readonly output: string;
}

/** Pull requests of `local-git`, which a hosted forge would keep itself. `repository` is the repository's id. */
export interface PullRequestLedger {
  find(repository: string, number: number): Promise<StoredPullRequest | null>;
  /** The open one of a branch to a base; null when there is none. A branch has one for each base at most. */
  findOpen(repository: string, branch: string, base: string): Promise<StoredPullRequest | null>;
  /** The merged one of a branch to a base with the greatest number; null when there is none. */
  findMerged(repository: string, branch: string, base: string): Promise<StoredPullRequest | null>;
  /** Inserts with the next free number of the repository, or returns the open one of that branch to that base. Atomic. */
  open(request: Omit<StoredPullRequest, "number" | "state" | "mergedAs" | "mergedHead" | "mergedBase">): Promise<StoredPullRequest>;
  /** Records the merge; repeating it is harmless. */
  markMerged(
    repository: string,
    number: number,
    merge: { readonly commit: CommitSha; readonly head: CommitSha; readonly base: CommitSha },
  ): Promise<void>;
  checks(repository: string, head: CommitSha, settings: string): Promise<readonly StoredCheck[]>;
  /** Inserts or replaces the check of that (repository, head, name, settings). */
  putCheck(check: StoredCheck): Promise<void>;
}
