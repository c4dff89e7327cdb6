/** What the stand-in remembers. The tests change it through `GitHubRepository`; the routes through requests. */
import type { BareRepository } from "./bare-repository.js";

export interface PullRecord {
  readonly number: number;
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: number;
  state: "open" | "closed";
  /** Kept up to date while it is open. */
  head: string;
  /** The base at the last push to the pull request; GitHub does not move it along. */
  baseAtPush: string;
  mergedAs: string | null;
  mergedAt: number | null;
  /** Which two tips the mergeability was computed for, and how many more looks it takes. */
  tried: { readonly of: string; readsLeft: number } | null;
  /** `since`: its number in the merge queue of its base; null outside. Locked: it is being merged, and stays. */
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

/** What guards a base branch. */
export interface Protection {
  /** Names of checks that must be green before a merge. */
  readonly required?: readonly { readonly name: string; readonly app?: number }[];
  /** The head must contain the base. */
  readonly strict?: boolean;
  /** Kept as a ruleset instead of as the branch's protection. */
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
  /** How often mergeability reads as null after a head or a base moved. */
  mergeableAfter: number;
  /** How many reads of the repository an accepted update of a branch takes to appear. */
  updateAfter: number;
  /** How many reads of the repository it takes to notice that a head has reached its base. */
  noticeAfter: number;
  /** How many reads of the repository it takes a pull request to show a push. */
  showAfter: number;
  /** Work GitHub has accepted and does after some more reads. */
  readonly background: { readsLeft: number; work(): Promise<void> }[];
  /** Takes notice of a commit that was pushed. */
  ci: ((head: string) => void) | null;
  lastNumber: number;
  lastQueued: number;
  /** Where it sends events; null: nowhere. */
  hook: { readonly url: string; readonly active: boolean; readonly events: readonly string[] } | null;
}

export function fullName({ owner, name }: RepositoryRecord): string {
  return `${owner}/${name}`;
}
