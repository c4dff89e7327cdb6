/** A command of a user that Millrace acknowledged, and so must not lose (I1). */
export interface AcknowledgedCommand {
  readonly runId: string;
  readonly did: "answer" | "retry" | "stop";
  /** Id of the answered wait; null for other commands. */
  readonly wait: string | null;
  /** For answers: whether the same answer, repeated at once, was refused. Null for other commands. */
  readonly refusedAgain: boolean | null;
}
