import type { Actor, ApprovalRecord, Check, MergeAssessment, PullRequestRef, RunEvent, RunFailure } from "@millrace/contracts";

/** A run as it is shown and as `show --json` prints it. Times are epoch milliseconds, lengths of time milliseconds. */
export interface RunView {
  readonly id: string;
  readonly status: "running" | "waiting" | "paused" | "stopping" | "done" | "failed" | "cancelled";
  readonly task: { readonly id: string; readonly title: string };
  readonly pipeline: { readonly id: string; readonly name: string };
  readonly startedBy: Actor;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly supersedes: string | null;
  readonly pullRequest: PullRequestRef | null;
  readonly merged: string | null;
  readonly steps: readonly StepView[];
  readonly wait: WaitView | null;
  /** Why the run is paused, and until when; null `until`: until a person resumes it. */
  readonly paused: { readonly because: string; readonly until: number | null; readonly message: string } | null;
  readonly failure: RunFailure | null;
  readonly cancelled: { readonly by: Actor; readonly reason: string } | null;
  readonly cost: CostView;
  /** Commands that make sense now, most likely first. */
  readonly next: readonly string[];
  readonly timeline: readonly RunEvent[];
}

export interface StepView {
  /** From 1. */
  readonly number: number;
  readonly kind: string;
  readonly state: "pending" | "running" | "waiting" | "paused" | "stopping" | "done" | "skipped" | "failed" | "cancelled";
  /** What it does right now; null when nothing. */
  readonly doing: string | null;
  readonly attempt: number;
  readonly model: string | null;
  /** Without the time spent waiting for people; null before it started. */
  readonly durationMs: number | null;
  readonly waitedMs: number;
  readonly output: { readonly key: string; readonly chars: number; readonly digest: string } | null;
  readonly verdict: VerdictView | null;
  readonly helpers: readonly HelperView[];
  readonly ratings: readonly RatingView[];
  readonly assessment: MergeAssessment | null;
  /** Why a merger did not merge by itself. */
  readonly withheld: string | null;
  readonly decisions: readonly { readonly question: string; readonly chosen: string }[];
  readonly approved: ApprovalRecord | null;
}

export interface VerdictView {
  readonly says: string;
  readonly because: string;
  readonly head: string;
  readonly base: string;
  readonly settings: string;
  readonly checks: readonly Pick<Check, "name" | "status" | "conclusion" | "summary">[];
  readonly at: number;
}

export interface HelperView {
  readonly attempt: number;
  readonly outcome: string;
  /** Null where nobody observed what it was sent for. */
  readonly head: string | null;
  readonly summary: string;
}

export interface RatingView {
  readonly rating: number;
  readonly bar: number;
  readonly passed: boolean;
  readonly summary: string;
  readonly comments: readonly string[];
}

export interface WaitView {
  readonly id: string;
  readonly on: string;
  readonly question: string;
  readonly options: readonly string[];
  /** Digest of exactly what is to be judged. */
  readonly digest: string;
  /** The text to be judged; null when it is not a text but a commit. */
  readonly subject: string | null;
  /** Command that shows a change that is to be merged; null for a text. */
  readonly look: string | null;
  readonly approvers: number;
  readonly approvedBy: readonly string[];
  readonly openedAt: number;
  /** Commands that answer it. */
  readonly answers: readonly string[];
}

export interface CostView {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Millionths of the price list's currency; null when a call had no known price. */
  readonly costMicros: number | null;
}
