import type { PullRequestRef } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";

/** Why nothing can be judged or merged through a pull request any more. */
export interface DeadPullRequest {
  readonly code: "pull_request_closed" | "pull_request_retargeted";
  readonly message: string;
}

/**
 * Compares a pull request with the one a run was started for: what was judged for one base never lands on another (F:A1). Null when
 * it is open, or merged, into the base of the run.
 */
export function deadPullRequest(
  { number, base }: PullRequestRef,
  now: Pick<PullRequestState, "state" | "base" | "head">,
): DeadPullRequest | null {
  if (now.base !== base)
    return { code: "pull_request_retargeted", message: `pull request #${number} merges into '${now.base}' by now, not into '${base}'` };
  if (now.state !== "closed") return null;
  return { code: "pull_request_closed", message: `pull request #${number} was closed at ${now.head.slice(0, 10)} without being merged` };
}
