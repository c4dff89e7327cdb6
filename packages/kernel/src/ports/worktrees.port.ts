import type { CommitSha, RepositoryRef } from "@millrace/contracts";

/** A private clone for one job, on the run's branch. It has no remote: what leaves it goes through the host. */
export interface Checkout {
  readonly key: string;
  readonly repository: RepositoryRef;
  /** Absolute folder of the agent's work. The host reads nothing in it. */
  readonly path: string;
  /** Absolute folder of the host alone: the record of the checkout, and the quarantine that its work is received into. */
  readonly control: string;
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

/**
 * State of the clone, compared with the checkout. `uncommitted`, `mergeInProgress`, the local refs in `strayRefs` and what `undeliverable`
 * says of the inside of submodules are claims of the clone itself: they can only make a result worse, never better. All else is computed
 * from objects that the host has received and checked.
 */
export interface TreeObservation {
  /** The head that the host received: the one that `push` pushes. */
  readonly headAfter: CommitSha;
  readonly commits: number;
  readonly treeChanged: boolean;
  readonly uncommitted: readonly string[];
  readonly rewritten: boolean;
  readonly foreignCommits: readonly CommitSha[];
  readonly strayRefs: readonly string[];
  readonly outsideScope: readonly string[];
  /** Changed paths that cannot be delivered, each with its reason in brackets: `a.secret (filter=x)`, `lib/a.txt (submodule)`, `d/… (too long)`. */
  readonly undeliverable: readonly string[];
  /** Of what is committed. */
  readonly conflictMarkers: readonly string[];
  /** The head contains `baseHead`. */
  readonly containsBase: boolean;
  /** A merge was left unfinished (MERGE_HEAD present). */
  readonly mergeInProgress: boolean;
}

/**
 * The git side of a job. All methods are idempotent by the checkout's key.
 * @throws MillraceError `repository_missing`, `repository_invalid` (git did not finish in the clone, or what came out of it is refused),
 * `git_failed`, `git_missing`.
 */
export interface Worktrees {
  /**
   * A fresh clone in `folder` with `branch` checked out: the remote's branch if it exists, else created from the base.
   * An existing checkout of the same key in the same folder is returned as it was. `control` is a folder that no agent sees, neither in
   * `folder` nor above it. `mergeBase` starts merging the base's tip (for jobs that resolve conflicts).
   */
  prepare(request: {
    readonly key: string;
    readonly repository: RepositoryRef;
    readonly branch: string;
    readonly folder: string;
    readonly control: string;
    readonly mergeBase: boolean;
  }): Promise<Checkout>;
  /** Receives the branch's head from the clone, and compares. The processes of the job have ended. */
  observe(checkout: Checkout, scope: string | null): Promise<TreeObservation>;
  /**
   * Commits everything that is changed or untracked (ignored files excluded), inside the clone. Null when there was nothing to commit. The
   * commit is the clone's word until the next `observe`.
   */
  commitAll(checkout: Checkout, message: string): Promise<CommitSha | null>;
  /**
   * Pushes what the last `observe` received as the branch, and the key's marker in one atomic push. A branch that others moved forward meanwhile is merged in, once, when it
   * merges cleanly: `merged`, as `head`. Repeating a push that landed is a success. `rejected`: another client rewrote the branch,
   * changed the same lines, or moved it again.
   * @throws MillraceError `conflict` before any `observe`.
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
