import type { FailureKind } from "@millrace/contracts";

const HINTS: Readonly<Record<FailureKind, string>> = {
  agent: "read the step's output, then retry: the run resumes at this step",
  job_failed: "read the job's transcript, then retry: the run resumes at this step",
  completion: "the agent did not deliver what its step requires; make the task clearer or use another agent, then retry",
  evicted: "the job's host went away repeatedly; check memory and disk, then retry",
  timeout: "the time budget was used up; raise it or split the task, then retry",
  rejected: "a person rejected the proposal; change the task, then retry: the run resumes at this step",
  companion_rejected: "the companion's answer could not be read even after a repair; read it, then retry",
  gate_exhausted: "the gate stayed red after its last helper; fix the cause on the branch, then retry",
  dispatch: "the agent could not be started; fix what the message names, then retry",
  processing: "a result could not be processed; the message names the cause; retry when it is fixed",
  cancelled: "it was stopped by a person; retry resumes at the step it was in",
};

/** What a failure leaves to do when the change has landed and no step behind its merge is open. */
export const LANDED_HINT = "the change is merged all the same: nothing is left to do";

/** The next thing to do, in words that hold for every runtime. */
export function failureHint(kind: FailureKind): string {
  return HINTS[kind];
}
