/**
 * A forge in memory that a test controls: pushes, base moves, check results, delayed mergeability. It stands in for a remote
 * service and passes the same conformance suite as the real adapters.
 */
import type { Check, CommitSha, Digest, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import {
  digestJson,
  MillraceError,
  type Forge,
  type MergedPullRequest,
  type MergeResult,
  type PullRequestState,
  type UpdateResult,
} from "@millrace/kernel";
import { CommitGraph, type Tree } from "./commits.js";
import {
  addPullRequest,
  emptyRepository,
  headOf,
  pullRequestOf,
  show,
  tipOf,
  type PullRequest,
  type Repository,
} from "./memory-repository.js";
import { memoryOutsiders } from "./memory-outsiders.js";
import type { Outsiders } from "./outsiders.js";

/** A merge that landed, with the tree of the base after it. */
export interface LandedMerge {
  readonly repository: string;
  readonly pullRequest: number;
  /** Head branch of the pull request. */
  readonly branch: string;
  readonly commit: CommitSha;
  readonly tree: Tree;
}

/** A forge in memory with the controls of a test. */
export interface MemoryForge extends Forge {
  readonly graph: CommitGraph;
  /** Every merge that landed, in order. */
  readonly landed: readonly LandedMerge[];
  createRepository(id: string, tree: Tree): RepositoryRef;
  /** Commits file changes (null deletes) to a branch. A new branch starts at the base's tip. */
  push(repository: RepositoryRef, branch: string, files: Readonly<Record<string, string | null>>, message?: string): CommitSha;
  /** Moves a branch to any commit, as a force-push does. */
  pointBranch(repository: RepositoryRef, branch: string, at: CommitSha): void;
  head(repository: RepositoryRef, branch: string): CommitSha | null;
  /** Sets the checks of one commit. A commit without any has no registered checks. */
  setChecks(head: CommitSha, checks: readonly Check[]): void;
  /**
   * Computes the checks of commits that have none set and are not the tip of the base. Null: such commits have no registered checks, which
   * is the default.
   */
  judgeWith(judge: ((head: CommitSha, tree: Tree) => readonly Check[]) | null): void;
  closePullRequest(repository: RepositoryRef, number: number): void;
  /** What other people, and the forge's own ways, do to a repository. */
  outsiders(repository: RepositoryRef): Outsiders;
}

/** A memory forge without repositories. */
export function createMemoryForge(name = "memory"): MemoryForge {
  return new InMemoryForge(name);
}

class InMemoryForge implements MemoryForge {
  readonly graph = new CommitGraph();
  readonly landed: LandedMerge[] = [];
  readonly name: string;
  readonly #repositories = new Map<string, Repository>();
  readonly #checks = new Map<CommitSha, readonly Check[]>();
  #judge: ((head: CommitSha, tree: Tree) => readonly Check[]) | null = null;

  constructor(name: string) {
    this.name = name;
  }

  createRepository(id: string, tree: Tree): RepositoryRef {
    const first = this.graph.add([], tree, "first commit");
    this.#repositories.set(id, emptyRepository(id, first));
    return { forge: this.name, id, base: "main" };
  }

  push(repository: RepositoryRef, branch: string, files: Readonly<Record<string, string | null>>, message = "change"): CommitSha {
    const { branches } = this.#repository(repository);
    const parent = branches.get(branch) ?? tipOf(this.#repository(repository), repository.base);
    const tree: Record<string, string> = { ...this.graph.get(parent).tree };
    for (const [path, text] of Object.entries(files)) {
      if (text === null) Reflect.deleteProperty(tree, path);
      else tree[path] = text;
    }
    const sha = this.graph.add([parent], tree, message);
    branches.set(branch, sha);
    return sha;
  }

  pointBranch(repository: RepositoryRef, branch: string, at: CommitSha): void {
    this.#repository(repository).branches.set(branch, this.graph.get(at).sha);
  }

  head(repository: RepositoryRef, branch: string): CommitSha | null {
    return this.#repository(repository).branches.get(branch) ?? null;
  }

  setChecks(head: CommitSha, checks: readonly Check[]): void {
    this.#checks.set(head, checks);
  }

  judgeWith(judge: ((head: CommitSha, tree: Tree) => readonly Check[]) | null): void {
    this.#judge = judge;
  }

  closePullRequest(repository: RepositoryRef, number: number): void {
    pullRequestOf(this.#repository(repository), number).state = "closed";
  }

  outsiders(repository: RepositoryRef): Outsiders {
    const stored = this.#repository(repository);
    return memoryOutsiders(this.graph, stored, (pr) => this.#land(stored, pr, pr.queued?.message ?? "Merge").commit);
  }

  async findPullRequest(repository: RepositoryRef, branch: string): Promise<PullRequestRef | null> {
    return this.#find(repository, branch, "open")?.ref ?? null;
  }

  async findMerged(repository: RepositoryRef, branch: string): Promise<MergedPullRequest | null> {
    const found = this.#find(repository, branch, "merged");
    return found === null || found.merge === null ? null : { pullRequest: found.ref, ...found.merge };
  }

  async openPullRequest(
    repository: RepositoryRef,
    request: { readonly branch: string; readonly title: string; readonly body: string },
  ): Promise<PullRequestRef> {
    // No await between the lookup and the insertion, so that concurrent callers get the same pull request.
    const open = this.#find(repository, request.branch, "open");
    if (open !== null) return open.ref;
    const stored = this.#repository(repository);
    tipOf(stored, request.branch);
    return addPullRequest(stored, request.branch, repository.base).ref;
  }

  async read(repository: RepositoryRef, pullRequest: PullRequestRef): Promise<PullRequestState> {
    const stored = this.#repository(repository);
    const pr = pullRequestOf(stored, pullRequest.number);
    show(stored, "pull-request");
    show(stored, "branch");
    const baseHead = tipOf(stored, pr.base);
    const identity = {
      base: pr.base,
      headBranch: pr.branch,
      headRepository: pr.fork?.repository ?? repository.id,
      ownQueue: stored.queues.has(pr.base),
      checkSettings: await digestJson([...(stored.required.get(pr.base) ?? [])].toSorted()),
    };
    if (pr.merge !== null)
      return {
        ...identity,
        state: "merged",
        head: pr.merge.head,
        baseHead,
        behind: false,
        mergeability: "clean",
        conflicts: [],
        mergedAs: pr.merge.commit,
        mergedBase: pr.merge.base,
      };
    const head = headOf(stored, pr);
    const merge = this.graph.merge(head, baseHead);
    const isKnown = isMergeabilityKnown(stored, pr, `${head}+${baseHead}`);
    const conflicts = isKnown && "conflicts" in merge ? merge.conflicts.slice(0, 20) : [];
    return {
      ...identity,
      state: pr.state,
      head,
      baseHead,
      behind: !this.graph.contains(head, baseHead),
      mergeability: !isKnown ? "unknown" : conflicts.length > 0 ? "conflicted" : "clean",
      conflicts,
      mergedAs: null,
      mergedBase: null,
    };
  }

  async checks(repository: RepositoryRef, head: CommitSha): Promise<readonly Check[]> {
    const stored = this.#repository(repository);
    show(stored, "commit");
    // The tip of the base is no work to be judged: it has the checks that were set, and else none.
    const isBase = head === this.head(repository, repository.base);
    const reported = isBase ? (this.#checks.get(head) ?? []) : this.#reported(head);
    const missing = (stored.required.get(repository.base) ?? []).filter((name) => !reported.some((check) => check.name === name));
    return [...reported, ...missing.map(queuedCheck)];
  }

  async diffDigest(
    repository: RepositoryRef,
    { base, head }: { readonly base: CommitSha; readonly head: CommitSha },
  ): Promise<Digest | null> {
    show(this.#repository(repository), "commit");
    return digestJson(this.graph.diff(base, head));
  }

  async updateBranch(repository: RepositoryRef, pullRequest: PullRequestRef, head: CommitSha): Promise<UpdateResult> {
    const stored = this.#repository(repository);
    const pr = pullRequestOf(stored, pullRequest.number);
    show(stored, "pull-request");
    const mismatch = mismatchOf(repository, pullRequest, pr);
    if (mismatch !== null) throw new MillraceError("forge_refused", mismatch, { fix: "point it at the base again" });
    if (headOf(stored, pr) !== head) return { is: "head-moved" };
    const base = tipOf(stored, pr.base);
    if (this.graph.contains(head, base)) return { is: "current", head };
    const merge = this.graph.merge(head, base);
    if ("conflicts" in merge) return { is: "conflicted", files: merge.conflicts };
    const updated = this.graph.add([head, base], merge.tree, `Merge ${pr.base} into ${pr.branch}`);
    stored.branches.set(pr.branch, updated);
    return { is: "updated", head: updated };
  }

  async withdraw(repository: RepositoryRef, pullRequest: PullRequestRef): Promise<void> {
    pullRequestOf(this.#repository(repository), pullRequest.number).queued = null;
  }

  async merge(
    repository: RepositoryRef,
    pullRequest: PullRequestRef,
    expected: { readonly head: CommitSha; readonly base: CommitSha },
    message: string,
    askedAt?: number,
  ): Promise<MergeResult> {
    const stored = this.#repository(repository);
    const pr = pullRequestOf(stored, pullRequest.number);
    show(stored, "pull-request");
    const mismatch = mismatchOf(repository, pullRequest, pr);
    if (mismatch !== null) return { is: "refused", because: "not-allowed", message: mismatch };
    if (pr.merge !== null) return { is: "merged", ...pr.merge };
    if (pr.state !== "open") return { is: "refused", because: "not-open", message: `#${pr.ref.number} is ${pr.state}` };
    const head = headOf(stored, pr);
    const base = tipOf(stored, pr.base);
    if (head !== expected.head) return { is: "refused", because: "head-moved", message: `head is ${head}` };
    if ("conflicts" in this.graph.merge(head, base)) return { is: "refused", because: "conflicted", message: "it conflicts with its base" };
    const missing = this.#missing(stored, pr.base, head);
    if (missing.length > 0) return { is: "refused", because: "checks", message: `it needs ${missing.join(", ")}` };
    if (stored.queues.has(pr.base)) return enqueue(pr, message, askedAt ?? null);
    if (base !== expected.base || !this.graph.contains(head, base))
      return { is: "refused", because: "base-moved", message: `base is ${base}` };
    return { is: "merged", ...this.#land(stored, pr, message) };
  }

  /** Merges a pull request onto the tip of its base. */
  #land(stored: Repository, pr: PullRequest, message: string): NonNullable<PullRequest["merge"]> {
    const [head, base] = [headOf(stored, pr), tipOf(stored, pr.base)];
    const merge = this.graph.merge(base, head);
    if ("conflicts" in merge) throw new RangeError(`#${pr.ref.number} conflicts in ${merge.conflicts.join(", ")}`);
    const { tree } = merge;
    const commit = this.graph.add([base, head], tree, message);
    stored.branches.set(pr.base, commit);
    pr.state = "merged";
    const landed = { commit, head, base };
    pr.merge = landed;
    pr.queued = null;
    this.landed.push({ repository: stored.id, pullRequest: pr.ref.number, branch: pr.branch, commit, tree });
    return landed;
  }

  #reported(head: CommitSha): readonly Check[] {
    return this.#checks.get(head) ?? this.#judge?.(head, this.graph.get(head).tree) ?? [];
  }

  /** Required checks of a base that are not green on a head. */
  #missing({ required }: Repository, base: string, head: CommitSha): readonly string[] {
    const names = required.get(base) ?? [];
    if (names.length === 0) return names;
    const green = new Set(this.#reported(head).flatMap(({ name, conclusion }) => (conclusion === "success" ? [name] : [])));
    return names.filter((name) => !green.has(name));
  }

  #repository(repository: RepositoryRef): Repository {
    const found = this.#repositories.get(repository.id);
    if (found === undefined)
      throw new MillraceError("repository_missing", `repository '${repository.id}' does not exist`, { fix: "create it first" });
    return found;
  }

  /** The newest pull request of a branch of this repository to its base in a state. */
  #find(repository: RepositoryRef, branch: string, state: PullRequest["state"]): PullRequest | null {
    const isIt = (pr: PullRequest): boolean =>
      pr.state === state && pr.fork === null && pr.branch === branch && pr.base === repository.base;
    return this.#repository(repository).pullRequests.findLast(isIt) ?? null;
  }
}

/** Why a pull request is not the one that a run was started for; null when it is. */
function mismatchOf({ base }: RepositoryRef, { branch }: PullRequestRef, pr: PullRequest): string | null {
  const name = `#${pr.ref.number}`;
  if (pr.base !== base) return `${name} merges into '${pr.base}', not into '${base}'`;
  if (pr.fork !== null) return `${name} merges a branch of '${pr.fork.repository}'`;
  return pr.branch === branch ? null : `${name} merges '${pr.branch}', not '${branch}'`;
}

/** Puts a pull request into the merge queue. One that was taken out is refused to the merge that put it there. */
function enqueue(pr: PullRequest, message: string, askedAt: number | null): MergeResult {
  const { queued } = pr;
  if (queued?.dropped != null && queued.askedAt === askedAt)
    return { is: "refused", because: "checks", message: `the merge queue took it out: ${queued.dropped}` };
  if (queued === null || queued.dropped !== null) pr.queued = { askedAt, message, dropped: null };
  return { is: "sent", message: "it is in the merge queue" };
}

function isMergeabilityKnown({ mergeableAfter }: Repository, pr: PullRequest, of: string): boolean {
  if (pr.tried?.of !== of) pr.tried = { of, readsLeft: mergeableAfter };
  if (pr.tried.readsLeft === 0) return true;
  pr.tried.readsLeft -= 1;
  return false;
}

function queuedCheck(name: string): Check {
  return { name, status: "queued", conclusion: null, url: null, completedAt: null, summary: null };
}

/** A completed check with this conclusion. Default summary: none. */
export function completedCheck(name: string, conclusion: NonNullable<Check["conclusion"]>, summary: string | null = null): Check {
  return { name, status: "completed", conclusion, url: null, completedAt: 1, summary };
}
