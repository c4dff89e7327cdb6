/** State of a repository of the memory forge. */
import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import { MillraceError, notFound } from "@millrace/kernel";

/** A pull request of the memory forge. */
export interface PullRequest {
  /** As it was opened; `base` and `branch` are what it merges now. */
  readonly ref: PullRequestRef;
  base: string;
  branch: string;
  /** The fork that its head is in, and the head there; null: the branch of this repository. */
  readonly fork: { readonly repository: string; readonly head: CommitSha } | null;
  state: "open" | "closed" | "merged";
  merge: { readonly commit: CommitSha; readonly head: CommitSha; readonly base: CommitSha } | null;
  /** Its place in the forge's own merge queue: null outside of it. `dropped`: taken out, for that reason. */
  queued: { readonly askedAt: number | null; readonly message: string; dropped: string | null } | null;
  /** The pair of head and base that mergeability is computed for, and the reads until it is known. */
  tried: { readonly of: string; readsLeft: number } | null;
}

/** A repository of the memory forge. */
export interface Repository {
  readonly id: string;
  readonly branches: Map<string, CommitSha>;
  readonly pullRequests: PullRequest[];
  /** Checks that a merge into a base needs. */
  readonly required: Map<string, readonly string[]>;
  /** Bases that take changes through the forge's own merge queue. */
  readonly queues: Set<string>;
  /** Reads that do not show what exists. */
  readonly hidden: Map<"pull-request" | "commit" | "branch", number>;
  mergeableAfter: number;
}

/** A repository whose `main` is at a commit. */
export function emptyRepository(id: string, main: CommitSha): Repository {
  return {
    id,
    branches: new Map([["main", main]]),
    pullRequests: [],
    required: new Map(),
    queues: new Set(),
    hidden: new Map(),
    mergeableAfter: 0,
  };
}

/** Adds an open pull request with the next number. */
export function addPullRequest(repository: Repository, branch: string, base: string, fork: PullRequest["fork"] = null): PullRequest {
  const { id, pullRequests } = repository;
  const number = pullRequests.length + 1;
  const ref = { id: `${id}#${number}`, number, url: `memory:${id}#${number}`, branch, base };
  const opened: PullRequest = { ref, base, branch, fork, state: "open", merge: null, queued: null, tried: null };
  pullRequests.push(opened);
  return opened;
}

/** @throws MillraceError `not_found`. */
export function pullRequestOf({ id, pullRequests }: Repository, number: number): PullRequest {
  const found = pullRequests[number - 1];
  if (found === undefined) throw notFound("pull request", `${id}#${number}`);
  return found;
}

/** @throws MillraceError `forge_refused`. */
export function tipOf({ id, branches }: Repository, branch: string): CommitSha {
  const tip = branches.get(branch);
  if (tip === undefined)
    throw new MillraceError("forge_refused", `branch '${branch}' does not exist in '${id}'`, { fix: "push the branch first" });
  return tip;
}

/** Head of a pull request that is not merged. */
export function headOf(repository: Repository, pr: PullRequest): CommitSha {
  return pr.fork?.head ?? tipOf(repository, pr.branch);
}

/**
 * One read of something that may be hidden.
 * @throws MillraceError `forge_failed` while it is.
 */
export function show({ id, hidden }: Repository, what: "pull-request" | "commit" | "branch"): void {
  const left = hidden.get(what) ?? 0;
  if (left === 0) return;
  hidden.set(what, left - 1);
  throw new MillraceError("forge_failed", `the forge does not show a ${what} of '${id}' yet`, { fix: "nothing to do: it is asked again" });
}
