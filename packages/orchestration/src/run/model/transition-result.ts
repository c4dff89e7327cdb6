import type { Run, RunEvent } from "@millrace/contracts";

/** A run before and after a decision. */
export interface TransitionResult {
  /** Null for the first commit of a run. */
  readonly before: Run | null;
  readonly after: Run;
  readonly events: readonly RunEvent[];
  /** The answer was "not yet": ask the same effect again after the poll interval. */
  readonly pollAgain: boolean;
  /** Epoch ms. */
  readonly at: number;
}
