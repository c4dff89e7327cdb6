import type { Check, CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";

/** What the forge knows of a pull request at one moment. `head` and `baseHead` were read together. */
export interface PullRequestState {
  readonly state: "open" | "closed" | "merged";
  readonly head: CommitSha;
  /** Tip of the base branch. */
  readonly baseHead: CommitSha;
  /** The head does not contain the base's tip: what would land is not what the head's checks looked at. */
  readonly behind: boolean;
  readonly mergeability: "clean" | "conflicted" | "unknown";
  /** Files in conflict, at most 20; empty unless conflicted (or when the forge does not tell). */
  readonly conflicts: readonly string[];
  /** The commit that landed; null unless merged. */
  readonly mergedAs: CommitSha | null;
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
 * Where code and pull requests live. Every method that writes is idempotent: it reads the world first.
 * @throws MillraceError `repository_missing`, `forge_failed`, `forge_refused`; `rate_limited` and `forge_down` with `details.resetAt`
 * (epoch ms) when it is not to be asked until then.
 */
export interface Forge {
  /** Name this adapter answers to in a `RepositoryRef`. */
  readonly name: string;
  /** The open pull request of a branch; null when there is none. */
  findPullRequest(repository: RepositoryRef, branch: string): Promise<PullRequestRef | null>;
  /** Opens one, or returns the branch's open one. */
  openPullRequest(
    repository: RepositoryRef,
    request: { readonly branch: string; readonly title: string; readonly body: string },
  ): Promise<PullRequestRef>;
  read(repository: RepositoryRef, pullRequest: PullRequestRef): Promise<PullRequestState>;
  /** Every check (all pages) registered for exactly this commit. May start them where the forge runs them itself. */
  checks(repository: RepositoryRef, head: CommitSha): Promise<readonly Check[]>;
  /** Merges the base into the branch if its head still is `head`. */
  updateBranch(repository: RepositoryRef, pullRequest: PullRequestRef, head: CommitSha): Promise<UpdateResult>;
  /**
   * Merges exactly `head` into exactly `base`. A merge that already happened is found and returned, never repeated.
   * A head that does not contain `base` is refused as `base-moved`. A merge queue lands the head on whatever its base is by then,
   * tested together; the result names that base. `askedAt`: epoch ms at which this merge was first asked for; what a queue refused
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
