/** Something a person did and Millrace acknowledged: from then on it may not be lost (I1). */
export interface AcknowledgedCommand {
  readonly runId: string;
  readonly did: "answer" | "retry" | "stop";
  /** The wait that was answered; null for the others. */
  readonly wait: string | null;
  /** For answers: the same answer, given again at once, was refused. */
  readonly refusedAgain: boolean | null;
}
