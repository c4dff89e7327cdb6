import type { WorkObservation } from "@millrace/contracts";
import type { CompletionContract } from "@millrace/kernel";

/** Why a step does not count as finished. `code` is stable; `message` names what was seen. */
export interface BrokenContract {
  readonly code: string;
  readonly message: string;
}

const list = (paths: readonly string[]): string => `${paths.slice(0, 5).join(", ")}${paths.length > 5 ? `, … (${paths.length})` : ""}`;
const short = (sha: string): string => sha.slice(0, 10);

/**
 * Judges observed work against a kind's contract (promise P2). Null: the contract is fulfilled.
 * Nothing the agent said can make work count. What it claimed only sharpens the message when the work
 * is missing anyway, so an agent that did the work and quotes some other link is not punished for prose.
 */
export function judgeWork(contract: CompletionContract, observed: WorkObservation): BrokenContract | null {
  return (
    judgeTurn(observed) ??
    (contract.delivers === "nothing" || (contract.delivers === "update" && observed.commits === 0)
      ? judgeReadOnly(observed)
      : (judgeUndeliverable(observed) ?? judgeCommits(contract, observed) ?? judgeDelivery(contract, observed)))
  );
}

function judgeTurn(observed: WorkObservation): BrokenContract | null {
  switch (observed.turn) {
    case "completed":
      return null;
    case "died": {
      const exit = observed.exit === null ? "" : ` (exit ${observed.exit.code ?? observed.exit.signal ?? "unknown"})`;
      return { code: "turn_died", message: `the agent ended in the middle of its turn${exit}; an exit code is not an answer` };
    }
    case "refused":
      return { code: "turn_refused", message: "the agent refused the task" };
    case "out-of-tokens":
      return { code: "turn_cut", message: "the agent's turn was cut: it ran out of tokens" };
    case "out-of-turns":
      return { code: "turn_cut", message: "the agent's turn was cut: it ran out of model requests" };
    case "cancelled":
      return { code: "turn_cancelled", message: "the agent's turn was cancelled" };
  }
}

function judgeReadOnly(observed: WorkObservation): BrokenContract | null {
  if (observed.commits === 0 && !observed.rewritten && observed.uncommitted.length === 0 && observed.strayRefs.length === 0) return null;
  const what =
    observed.commits > 0
      ? `${observed.commits} commit(s)`
      : observed.uncommitted.length > 0
        ? `changes in ${list(observed.uncommitted)}`
        : `moved refs ${list(observed.strayRefs)}`;
  return { code: "wrote_when_read_only", message: `a read-only step left ${what}` };
}

/** First of all: work in a submodule leaves no commit, and "nothing committed" would hide it. */
function judgeUndeliverable({ undeliverable }: WorkObservation): BrokenContract | null {
  if (undeliverable.length === 0) return null;
  return {
    code: "undeliverable_path",
    message: `Millrace runs no git filters and works in no submodules, so this change cannot be delivered as it is: ${list(undeliverable)}`,
  };
}

function judgeCommits(contract: CompletionContract, observed: WorkObservation): BrokenContract | null {
  if (observed.rewritten)
    return {
      code: "history_rewritten",
      message: `the branch '${observed.branch}' was rewritten: it no longer contains ${short(observed.headBefore)}`,
    };
  if (observed.foreignCommits.length > 0)
    return {
      code: "foreign_commit",
      message: `commits that are not this job's were presented as its work: ${list(observed.foreignCommits.map(short))}`,
    };
  if (contract.commits === "agent" && observed.uncommitted.length > 0)
    return { code: "uncommitted_work", message: `work was left uncommitted: ${list(observed.uncommitted)}` };
  if (observed.commits > 0) return null;
  if (observed.strayRefs.length > 0)
    return { code: "wrong_branch", message: `nothing on '${observed.branch}'; the work went to ${list(observed.strayRefs)}` };
  return (
    judgeClaims(observed) ??
    (contract.delivers === "resolve"
      ? { code: "base_not_merged", message: `the branch '${observed.branch}' still does not contain its base` }
      : { code: "nothing_committed", message: `no commit on '${observed.branch}' since the job started at ${short(observed.headBefore)}` })
  );
}

function judgeClaims(observed: WorkObservation): BrokenContract | null {
  const { commit, pullRequestUrl } = observed.claims;
  if (commit !== null && !observed.headAfter.startsWith(commit))
    return { code: "invented_commit", message: `the agent named commit ${short(commit)}, which does not exist on '${observed.branch}'` };
  if (pullRequestUrl !== null && pullRequestUrl !== observed.pullRequest?.url)
    return {
      code: "invented_pull_request",
      message: `the agent named pull request ${pullRequestUrl}, which the forge does not know for '${observed.branch}'`,
    };
  return null;
}

function judgeDelivery(contract: CompletionContract, observed: WorkObservation): BrokenContract | null {
  if ((contract.delivers === "change" || contract.delivers === "update") && !observed.treeChanged)
    return { code: "empty_diff", message: `${observed.commits} commit(s) on '${observed.branch}' change nothing` };
  if (observed.strayRefs.length > 0) return { code: "wrong_branch", message: `other refs were moved too: ${list(observed.strayRefs)}` };
  if (observed.outsideScope.length > 0)
    return { code: "outside_scope", message: `files outside the service's folder were changed: ${list(observed.outsideScope)}` };
  if (observed.conflictMarkers.length > 0)
    return { code: "conflict_markers", message: `conflict markers were left in ${list(observed.conflictMarkers)}` };
  if (observed.remoteHead !== observed.headAfter)
    return {
      code: "not_pushed",
      message: `the remote's '${observed.branch}' is at ${observed.remoteHead === null ? "nothing" : short(observed.remoteHead)}, the work at ${short(observed.headAfter)}`,
    };
  if (contract.pullRequest === "required" && observed.pullRequest === null)
    return { code: "no_pull_request", message: `no pull request is open for '${observed.branch}'` };
  return null;
}
