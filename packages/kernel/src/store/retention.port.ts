import type { RunSummary } from "./runs.port.js";

/** Details of a finished run that go after a time of their own. What they were decided on stays: the run, its merge record, the audit. */
export type RunPart = "events" | "outputs" | "notifications" | "usage";

/** Rows of a list, and the characters of their texts. */
export interface Amount {
  readonly rows: number;
  readonly characters: number;
}

/** Changes by which details go, or are kept. */
export interface RetentionChanges {
  /**
   * Removes one part of a finished run; of its notifications those that are not open. The run, its block, the totals and the audit stay.
   * Fails with `run_in_progress` while it is live. Nothing goes of a run that is held. Trimming it again does nothing. With the events, a
   * cursor before the last of them expires.
   */
  "trim-run": { readonly workspaceId: string; readonly id: string; readonly part: RunPart };
  /** Keeps everything of a run, or does so no longer. Fails with `not_found` when the run is missing. */
  "hold-run": { readonly workspaceId: string; readonly id: string; readonly isHeld: boolean };
  /** Removes at most `limit` entries of the audit that are older than `before` (epoch ms), the oldest first. */
  "trim-audit": { readonly workspaceId: string; readonly before: number; readonly limit: number };
}

/** Reads of what would go. */
export interface RetentionReads {
  /**
   * The finished runs that were last changed before `before` (epoch ms) and have the part, the oldest first, at most `limit` (1..200).
   * None that is held; of notifications, none that has an open one: it would be left behind.
   */
  untrimmed(workspaceId: string, part: RunPart, before: number, limit: number): Promise<readonly RunSummary[]>;
  /** How much that is, of the first 1,000 of them. */
  amount(workspaceId: string, part: RunPart, before: number): Promise<Amount>;
  /** Entries of the audit that are older than `before` (epoch ms). */
  auditAmount(workspaceId: string, before: number): Promise<Amount>;
  isHeld(workspaceId: string, runId: string): Promise<boolean>;
}
