/** State of the stand-in. Tests change it through `GitHubRepository`, routes through requests. */
import type { BareRepository } from "./bare-repository.js";

export interface PullRecord {
  readonly number: number;
  readonly branch: string;
  readonly base: string;
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
  status: "queued" | "in_progress" | "completed";
  conclusion: string | null;
  summary: string | null;
  completedAt: number | null;
}

export interface StatusRecord {
  readonly id: number;
  readonly context: string;
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
  lastNumber: number;
  lastQueued: number;
  /** The configured webhook; null: none. */
  hook: { readonly url: string; readonly active: boolean; readonly events: readonly string[] } | null;
}

export function fullName({ owner, name }: RepositoryRecord): string {
  return `${owner}/${name}`;
}
