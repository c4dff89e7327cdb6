import type { Check, CommitSha, Digest, PullRequestRef, RepositoryRef } from "@millrace/contracts";

/** Snapshot of a pull request. `head` and `baseHead` were read together. */
export interface PullRequestState {
  readonly state: "open" | "closed" | "merged";
  /** Branch that it merges into, as the forge says now: a pull request can be retargeted after it was opened. */
  readonly base: string;
  /** Branch whose commits it merges. */
  readonly headBranch: string;
  /** Id of the repository that the head branch is in: another one for a fork. Null when the forge does not tell. */
  readonly headRepository: string | null;
  /** True if the forge's own merge queue lands merges on this base; then `merge` answers `sent` first. */
  readonly ownQueue: boolean;
  /**
   * Digest of everything but the commit that the forge judges a head by: commands, limits and environment of checks that it runs itself,
   * or the checks that it requires. A verdict under another one is void (F:A2).
   */
  readonly checkSettings: Digest;
  readonly head: CommitSha;
  /** Tip of the base branch. */
  readonly baseHead: CommitSha;
  /** True if the head does not contain the base's tip, so that the head's checks did not test what would land. */
  readonly behind: boolean;
  readonly mergeability: "clean" | "conflicted" | "unknown";
  /** Files in conflict, at most 20; empty unless conflicted (or when the forge does not tell). */
  readonly conflicts: readonly string[];
  /** The commit that landed; null unless merged. */
  readonly mergedAs: CommitSha | null;
  /** Commit of the base branch that `mergedAs` landed on, never `mergedAs` itself; null unless merged. */
  readonly mergedBase: CommitSha | null;
}

/** A pull request that has landed, whether Millrace or a person merged it. */
export interface MergedPullRequest {
  readonly pullRequest: PullRequestRef;
  /** The commit that landed. */
  readonly commit: CommitSha;
  /** Head of the pull request when it was merged. */
  readonly head: CommitSha;
  /** Commit of the base branch that `commit` landed on. */
  readonly base: CommitSha;
}

/** Outcome of a merge call. Only `merged` says that the change has landed. */
export type MergeResult =
  | { readonly is: "merged"; readonly commit: CommitSha; readonly head: CommitSha; readonly base: CommitSha }
  /** The forge has taken it (into a merge queue) and lands or refuses it by itself: the same call tells later which of the two. */
  | { readonly is: "sent"; readonly message: string }
  /** Refused, nothing changed. `head-moved` and `base-moved` mean: look again. */
  | {
      readonly is: "refused";
      readonly because: "head-moved" | "base-moved" | "conflicted" | "not-open" | "checks" | "not-allowed";
      readonly message: string;
    };

/** Outcome of merging the base into a pull request's branch; `current` when there was nothing to merge. */
export type UpdateResult =
  | { readonly is: "updated"; readonly head: CommitSha }
  | { readonly is: "current"; readonly head: CommitSha }
  | { readonly is: "conflicted"; readonly files: readonly string[] }
  | { readonly is: "head-moved" };

/**
 * Host of code and pull requests. Every method that writes is idempotent: it reads the current state first.
 * @throws MillraceError `repository_missing`, `forge_failed`, `forge_refused`; `rate_limited` and `forge_down` with `details.resetAt`
 * (epoch ms) when it is not to be asked until then.
 */
export interface Forge {
  /** Name this adapter answers to in a `RepositoryRef`. */
  readonly name: string;
  /**
   * The open pull request of a branch of this repository to the repository's base; null when there is none. One of the same branch to
   * another base, or of a fork's branch of the same name, does not count.
   */
  findPullRequest(repository: RepositoryRef, branch: string): Promise<PullRequestRef | null>;
  /** The pull request of a branch of this repository to the repository's base that was merged last; null when none was. */
  findMerged(repository: RepositoryRef, branch: string): Promise<MergedPullRequest | null>;
  /**
   * Opens one to the repository's base, or returns the open one that `findPullRequest` finds. `forge_refused` with the base of the
   * other in `details.openTo` if the forge allows only one for each branch.
   */
  openPullRequest(
    repository: RepositoryRef,
    request: { readonly branch: string; readonly title: string; readonly body: string },
  ): Promise<PullRequestRef>;
  read(repository: RepositoryRef, pullRequest: PullRequestRef): Promise<PullRequestState>;
  /** Every check (all pages) registered for exactly this commit. May start them where the forge runs them itself. */
  checks(repository: RepositoryRef, head: CommitSha): Promise<readonly Check[]>;
  /**
   * Digest of what `head` changes since its merge base with `base`. It stays the same when only the base moves elsewhere: line numbers
   * and the ids of text files do not count; paths, modes, ids of binary files, context and changed lines do. Null when the forge
   * cannot tell: the diff is too large.
   */
  diffDigest(repository: RepositoryRef, range: { readonly base: CommitSha; readonly head: CommitSha }): Promise<Digest | null>;
  /** Merges the base into the branch if its head still is `head`. */
  updateBranch(repository: RepositoryRef, pullRequest: PullRequestRef, head: CommitSha): Promise<UpdateResult>;
  /**
   * Merges exactly `head` into exactly `base`. A merge that already happened is found and returned, never repeated.
   * A head that does not contain `base` is refused as `base-moved`. A merge queue lands the head on whatever its base is by then,
   * tested together; the result names that base. `askedAt`: epoch ms at which this merge was first requested; what a queue refused
   * before was another one.
   */
  merge(
    repository: RepositoryRef,
    pullRequest: PullRequestRef,
    expected: { readonly head: CommitSha; readonly base: CommitSha },
    message: string,
    askedAt?: number,
  ): Promise<MergeResult>;
  /**
   * Takes back a merge that was sent and has not landed. Where none waits it does nothing; one that lands just now cannot be taken
   * back any more, and is `forge_failed` until it has.
   */
  withdraw(repository: RepositoryRef, pullRequest: PullRequestRef): Promise<void>;
}
