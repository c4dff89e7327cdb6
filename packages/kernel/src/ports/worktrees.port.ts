import type { CommitSha, RepositoryRef } from "@millrace/contracts";

/** A private clone for one job, on the run's branch. Its object store is its own: what is in it and not on the remote is the agent's. */
export interface Checkout {
  readonly key: string;
  readonly repository: RepositoryRef;
  /** Absolute folder. */
  readonly path: string;
  readonly branch: string;
  /** Head of the branch when the job started. */
  readonly head: CommitSha;
  /** Tip of the base branch when the job started. */
  readonly baseHead: CommitSha;
  /** Local refs when the job started, by full name. */
  readonly refs: Readonly<Record<string, CommitSha>>;
  /** Set when this key already pushed: the commit it pushed. Nothing must run again. */
  readonly pushed: CommitSha | null;
  /** The base was merged into the branch with these files left in conflict (jobs that resolve conflicts). */
  readonly conflicts: readonly string[];
}

/** State of the clone, compared with the checkout. */
export interface TreeObservation {
  readonly headAfter: CommitSha;
  readonly commits: number;
  readonly treeChanged: boolean;
  readonly uncommitted: readonly string[];
  readonly rewritten: boolean;
  readonly foreignCommits: readonly CommitSha[];
  readonly strayRefs: readonly string[];
  readonly outsideScope: readonly string[];
  /** Changed paths that cannot be delivered, each with its reason in brackets: `a.secret (filter=x)`, `lib/a.txt (submodule)`. */
  readonly undeliverable: readonly string[];
  readonly conflictMarkers: readonly string[];
  /** The head contains `baseHead`. */
  readonly containsBase: boolean;
  /** A merge was left unfinished (MERGE_HEAD present). */
  readonly mergeInProgress: boolean;
}

/**
 * The git side of a job. All methods are idempotent by the checkout's key.
 * @throws MillraceError `repository_missing`, `repository_invalid` (git did not finish in the clone), `git_failed`, `git_missing`.
 */
export interface Worktrees {
  /**
   * A fresh clone in `folder` with `branch` checked out: the remote's branch if it exists, else created from the base.
   * An existing checkout of the same key in the same folder is returned as it was. `mergeBase` starts merging the base's tip
   * (for jobs that resolve conflicts).
   */
  prepare(request: {
    readonly key: string;
    readonly repository: RepositoryRef;
    readonly branch: string;
    readonly folder: string;
    readonly mergeBase: boolean;
  }): Promise<Checkout>;
  observe(checkout: Checkout, scope: string | null): Promise<TreeObservation>;
  /** Commits everything that is changed or untracked (ignored files excluded). Null when there was nothing to commit. */
  commitAll(checkout: Checkout, message: string): Promise<CommitSha | null>;
  /**
   * Pushes the branch and the key's marker in one atomic push. A branch that others moved forward meanwhile is merged in, once, when it
   * merges cleanly: `merged`, as `head`. Repeating a push that landed is a success. `rejected`: another client rewrote the branch,
   * changed the same lines, or moved it again.
   */
  push(
    checkout: Checkout,
  ): Promise<
    { readonly is: "pushed" | "merged"; readonly head: CommitSha } | { readonly is: "rejected"; readonly remoteHead: CommitSha | null }
  >;
  /** Head of the remote's branch; null without such a branch. */
  remoteHead(checkout: Checkout): Promise<CommitSha | null>;
  remove(checkout: Checkout): Promise<void>;
  /**
   * Unified diff of what the branch adds to its base, cut at `maxChars` with a line that says so. Empty when the branch does not exist.
   * `merged`: the head and the base that landed; the diff is between these two, because a merged branch adds nothing any more.
   */
  diff(request: {
    readonly repository: RepositoryRef;
    readonly branch: string;
    readonly maxChars: number;
    readonly merged?: { readonly head: CommitSha; readonly base: CommitSha } | null;
  }): Promise<string>;
}
