/** State of the stand-in. Tests change it through `GitHubRepository`, routes through requests. */
import type { BareRepository } from "./bare-repository.js";

export interface PullRecord {
  readonly number: number;
  branch: string;
  base: string;
  /** Repository that the head branch is in: this one's `owner/name` unless it is a fork. */
  readonly headRepository: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: number;
  state: "open" | "closed";
  /** Commit of the head branch; follows pushes while the pull request is open. */
  head: string;
  /** Commit of the base at the last push to the pull request. GitHub does not update it when the base moves. */
  baseAtPush: string;
  mergedAs: string | null;
  mergedAt: number | null;
  /** The pair of head and base that mergeability is computed for, and the reads until it is known. */
  tried: { readonly of: string; readsLeft: number } | null;
  /** `since` is the position in the merge queue, null outside of it. A locked entry is being merged and cannot be removed. */
  readonly queue: { since: number | null; isLocked: boolean; readonly past: QueueEvent[] };
}

export interface QueueEvent {
  readonly is: "added" | "removed";
  readonly at: number;
  readonly reason: string | null;
}

export interface CheckRecord {
  readonly id: number;
  readonly name: string;
  readonly app: number;
  /** Check suite: a second one of the same App reports the same names anew. */
  readonly suite: number;
  status: "queued" | "in_progress" | "completed";
  conclusion: string | null;
  summary: string | null;
  completedAt: number | null;
}

export interface StatusRecord {
  readonly id: number;
  readonly context: string;
  /** App that set it; null: a person. */
  readonly app: number | null;
  state: "pending" | "success" | "failure" | "error";
  description: string | null;
  updatedAt: number;
}

export interface CommentRecord {
  readonly id: number;
  readonly body: string;
  readonly at: number;
}

/** Protection of a base branch. */
export interface Protection {
  /** Checks that must be green before a merge. Default: none. */
  readonly required?: readonly { readonly name: string; readonly app?: number }[];
  /** Whether the head must contain the base. Default: false. */
  readonly strict?: boolean;
  /** Whether it is a ruleset instead of a branch protection. Default: false. */
  readonly ruleset?: boolean;
  readonly mergeQueue?: boolean;
}

export interface RepositoryRecord {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly git: BareRepository;
  readonly createdAt: number;
  readonly pulls: PullRecord[];
  readonly checks: Map<string, CheckRecord[]>;
  readonly statuses: Map<string, StatusRecord[]>;
  readonly comments: Map<number, CommentRecord[]>;
  readonly protections: Map<string, Protection>;
  /** Reads for which mergeability is null after the head or the base moved. */
  mergeableAfter: number;
  /** Requests to the repository until an accepted branch update appears. */
  updateAfter: number;
  /** Requests to the repository until a pull request that its base contains counts as merged. */
  noticeAfter: number;
  /** Requests to the repository until a push shows in its pull request. */
  showAfter: number;
  /** Accepted work that is done after `readsLeft` more requests. */
  readonly background: { readsLeft: number; work(): Promise<void> }[];
  /** The CI, called with every pushed commit; null: there is none. */
  ci: ((head: string) => void) | null;
  /** Reads that answer 404 or 422 for what exists. */
  readonly hidden: Map<Hidden, number>;
  /** Branches by their former names. GitHub redirects the address of a branch, and nothing else. */
  readonly renamed: Map<string, string>;
  lastNumber: number;
  lastQueued: number;
  /** The configured webhook; null: none. */
  hook: { readonly url: string; readonly active: boolean; readonly events: readonly string[] } | null;
}

/** What a stand-in can hide. */
export type Hidden = "pull-request" | "commit" | "branch";

/** Whether a read of something that exists is to answer that it does not. */
export function isHidden({ hidden }: RepositoryRecord, what: Hidden): boolean {
  const left = hidden.get(what) ?? 0;
  hidden.set(what, Math.max(0, left - 1));
  return left > 0;
}

export function fullName({ owner, name }: RepositoryRecord): string {
  return `${owner}/${name}`;
}

/** Makes an open pull request with the next number. It is not listed yet. */
export function newPull(
  record: RepositoryRecord,
  ends: Pick<PullRecord, "branch" | "base" | "head" | "baseAtPush"> & { readonly at: number; readonly headRepository?: string },
  text: Pick<PullRecord, "title" | "body">,
): PullRecord {
  const { branch, base, head, baseAtPush, at, headRepository = fullName(record) } = ends;
  record.lastNumber += 1;
  return {
    ...text,
    number: record.lastNumber,
    branch,
    base,
    headRepository,
    createdAt: at,
    state: "open",
    head,
    baseAtPush,
    mergedAs: null,
    mergedAt: null,
    tried: null,
    queue: { since: null, isLocked: false, past: [] },
  };
}
