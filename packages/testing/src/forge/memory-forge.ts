/**
 * A forge in memory that a test controls: pushes, base moves, check results, delayed mergeability. It stands in for a remote
 * service and passes the same conformance suite as the real adapters.
 */
import type { Check, CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import { MillraceError, notFound, type Forge, type MergeResult, type PullRequestState, type UpdateResult } from "@millrace/kernel";
import { CommitGraph, type Tree } from "./commits.js";

interface PullRequest {
  readonly ref: PullRequestRef;
  state: "open" | "closed" | "merged";
  merge: { readonly commit: CommitSha; readonly head: CommitSha; readonly base: CommitSha } | null;
}

interface Repository {
  readonly branches: Map<string, CommitSha>;
  readonly pullRequests: PullRequest[];
}

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
    this.#repositories.set(id, { branches: new Map([["main", first]]), pullRequests: [] });
    return { forge: this.name, id, base: "main" };
  }

  push(repository: RepositoryRef, branch: string, files: Readonly<Record<string, string | null>>, message = "change"): CommitSha {
    const { branches } = this.#repository(repository);
    const parent = branches.get(branch) ?? this.#tip(repository, repository.base);
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
    this.#pullRequest(repository, number).state = "closed";
  }

  async findPullRequest(repository: RepositoryRef, branch: string): Promise<PullRequestRef | null> {
    return this.#openPullRequest(repository, branch);
  }

  async openPullRequest(
    repository: RepositoryRef,
    request: { readonly branch: string; readonly title: string; readonly body: string },
  ): Promise<PullRequestRef> {
    // No await between the lookup and the insertion, so that concurrent callers get the same pull request.
    const open = this.#openPullRequest(repository, request.branch);
    if (open !== null) return open;
    if (this.head(repository, request.branch) === null)
      throw new MillraceError("forge_refused", `branch '${request.branch}' does not exist in '${repository.id}'`, {
        fix: "push the branch first",
      });
    const { pullRequests } = this.#repository(repository);
    const number = pullRequests.length + 1;
    const ref: PullRequestRef = {
      id: `${repository.id}#${number}`,
      number,
      url: `memory:${repository.id}#${number}`,
      branch: request.branch,
      base: repository.base,
    };
    pullRequests.push({ ref, state: "open", merge: null });
    return ref;
  }

  async read(repository: RepositoryRef, pullRequest: PullRequestRef): Promise<PullRequestState> {
    const pr = this.#pullRequest(repository, pullRequest.number);
    const baseHead = this.#tip(repository, pr.ref.base);
    if (pr.merge !== null)
      return {
        state: "merged",
        head: pr.merge.head,
        baseHead,
        behind: false,
        mergeability: "clean",
        conflicts: [],
        mergedAs: pr.merge.commit,
      };
    const head = this.#tip(repository, pr.ref.branch);
    const merge = this.graph.merge(head, baseHead);
    const conflicts = "conflicts" in merge ? merge.conflicts.slice(0, 20) : [];
    return {
      state: pr.state,
      head,
      baseHead,
      behind: !this.graph.contains(head, baseHead),
      mergeability: conflicts.length > 0 ? "conflicted" : "clean",
      conflicts,
      mergedAs: null,
    };
  }

  async checks(repository: RepositoryRef, head: CommitSha): Promise<readonly Check[]> {
    this.#repository(repository);
    // The tip of the base is no work to be judged: it has the checks that were set, and else none.
    if (head === this.head(repository, repository.base)) return this.#checks.get(head) ?? [];
    return this.#checks.get(head) ?? this.#judge?.(head, this.graph.get(head).tree) ?? [];
  }

  async updateBranch(repository: RepositoryRef, pullRequest: PullRequestRef, head: CommitSha): Promise<UpdateResult> {
    const pr = this.#pullRequest(repository, pullRequest.number);
    const at = this.#tip(repository, pr.ref.branch);
    if (at !== head) return { is: "head-moved" };
    const base = this.#tip(repository, pr.ref.base);
    if (this.graph.contains(head, base)) return { is: "current", head };
    const merge = this.graph.merge(head, base);
    if ("conflicts" in merge) return { is: "conflicted", files: merge.conflicts };
    const updated = this.graph.add([head, base], merge.tree, `Merge ${pr.ref.base} into ${pr.ref.branch}`);
    this.#repository(repository).branches.set(pr.ref.branch, updated);
    return { is: "updated", head: updated };
  }

  /** Does nothing: merges land at once, so none is ever pending. */
  async withdraw(): Promise<void> {}

  async merge(
    repository: RepositoryRef,
    pullRequest: PullRequestRef,
    expected: { readonly head: CommitSha; readonly base: CommitSha },
    message: string,
  ): Promise<MergeResult> {
    const pr = this.#pullRequest(repository, pullRequest.number);
    if (pr.merge !== null) return { is: "merged", ...pr.merge };
    if (pr.state !== "open") return { is: "refused", because: "not-open", message: `#${pr.ref.number} is ${pr.state}` };
    const head = this.#tip(repository, pr.ref.branch);
    const base = this.#tip(repository, pr.ref.base);
    if (head !== expected.head) return { is: "refused", because: "head-moved", message: `head is ${head}` };
    if ("conflicts" in this.graph.merge(head, base)) return { is: "refused", because: "conflicted", message: "it conflicts with its base" };
    if (base !== expected.base || !this.graph.contains(head, base))
      return { is: "refused", because: "base-moved", message: `base is ${base}` };
    const { tree } = this.graph.get(head);
    const commit = this.graph.add([base, head], tree, message);
    this.#repository(repository).branches.set(pr.ref.base, commit);
    pr.state = "merged";
    pr.merge = { commit, head, base };
    this.landed.push({ repository: repository.id, pullRequest: pr.ref.number, branch: pr.ref.branch, commit, tree });
    return { is: "merged", ...pr.merge };
  }

  #repository(repository: RepositoryRef): Repository {
    const found = this.#repositories.get(repository.id);
    if (found === undefined)
      throw new MillraceError("repository_missing", `repository '${repository.id}' does not exist`, { fix: "create it first" });
    return found;
  }

  #openPullRequest(repository: RepositoryRef, branch: string): PullRequestRef | null {
    return this.#repository(repository).pullRequests.find((pr) => pr.state === "open" && pr.ref.branch === branch)?.ref ?? null;
  }

  #pullRequest(repository: RepositoryRef, number: number): PullRequest {
    const found = this.#repository(repository).pullRequests[number - 1];
    if (found === undefined) throw notFound("pull request", `${repository.id}#${number}`);
    return found;
  }

  #tip(repository: RepositoryRef, branch: string): CommitSha {
    const tip = this.head(repository, branch);
    if (tip === null)
      throw new MillraceError("forge_refused", `branch '${branch}' does not exist in '${repository.id}'`, { fix: "push the branch first" });
    return tip;
  }
}

/** A completed check with this conclusion. Default summary: none. */
export function completedCheck(name: string, conclusion: NonNullable<Check["conclusion"]>, summary: string | null = null): Check {
  return { name, status: "completed", conclusion, url: null, completedAt: 1, summary };
}
