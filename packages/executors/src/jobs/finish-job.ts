import { judgeWork } from "@millrace/agents";
import type { PullRequestRef, WorkObservation } from "@millrace/contracts";
import { isMillraceError, type Checkout, type Forge, type JobOutcome, type TreeObservation, type Worktrees } from "@millrace/kernel";
import { answerOf, claimsOf, modelLabel } from "./answer.logic.js";
import type { ExitFile, JobFile } from "./job-files.schema.js";

/** The outside of a job: git and the forges. */
export interface FinishDependencies {
  readonly worktrees: Worktrees;
  forge(name: string): Forge;
  /** Whether what a job made may leave this host. Asked right before it is pushed. */
  mayDeliver(key: string): Promise<boolean>;
}

/**
 * Turns the exit of an agent into the outcome of its job. Each step first reads what is there, so that a repeat after a crash leads to
 * the same outcome: one commit, one push, one pull request.
 *
 * 1. observe the tree; 2. commit, if the contract has the harness commit; 3. observe again; 4. judge; 5. push and open the pull request,
 * only for work that keeps the contract, of a job that may still deliver; 6. read the remote branch and the pull request. The engine judges the observation for good.
 */
export async function finishJob(ports: FinishDependencies, job: JobFile, checkout: Checkout | null, exit: ExitFile): Promise<JobOutcome> {
  const { usage } = exit;
  const stopped: JobOutcome = { is: "failed", code: "turn_cancelled", message: "the job was stopped", detail: null, observed: null, usage };
  if (exit.failure !== null) return { is: "failed", ...exit.failure, observed: null, usage };
  if (exit.turn === "cancelled") return stopped;
  const answer = answerOf(exit, job.structured, modelLabel(job.launch.name, exit.model));
  if (checkout === null) return exit.turn === "completed" ? { is: "finished", answer, observed: null } : incompleteTurn(exit);
  const tree = await commitAndObserve(ports.worktrees, job, checkout, exit).catch((error: unknown) => {
    if (isMillraceError(error, "repository_missing") || isMillraceError(error, "repository_invalid")) return error;
    throw error;
  });
  if (isMillraceError(tree))
    return {
      is: "failed",
      code: "checkout_destroyed",
      message: `the agent destroyed its checkout: ${tree.message}`,
      detail: null,
      observed: null,
      usage,
    };
  const observeWork = async (headAfter = tree.headAfter): Promise<WorkObservation> =>
    observationOf(checkout, exit, { ...tree, headAfter }, await readDelivery(ports, checkout));
  // An agent that abandons the merge and commits something else has new commits and resolves nothing.
  if (job.contract.delivers === "resolve" && exit.turn === "completed" && !tree.rewritten && tree.commits > 0 && !tree.containsBase) {
    return {
      is: "failed",
      code: "base_not_merged",
      message: `the branch '${checkout.branch}' has new commits but still does not contain its base`,
      detail: null,
      observed: await observeWork(),
      usage,
    };
  }
  const expected = observationOf(checkout, exit, tree, { remoteHead: tree.headAfter, pullRequest: expectedPullRequest(job, checkout) });
  // An update without a change has nothing to push.
  const delivers = job.contract.delivers === "update" ? tree.commits > 0 : job.contract.delivers !== "nothing";
  if (delivers && judgeWork(job.contract, expected) === null) {
    if (!(await ports.mayDeliver(job.key))) return stopped;
    const pushed = await ports.worktrees.push(checkout);
    if (pushed.is === "rejected") {
      return {
        is: "failed",
        code: "push_rejected",
        message: `the branch '${checkout.branch}' was moved from outside while the agent worked; it is at ${pushed.remoteHead ?? "nothing"} now`,
        detail: null,
        observed: await observeWork(),
        usage,
      };
    }
    if (job.contract.pullRequest === "required")
      await ports.forge(checkout.repository.forge).openPullRequest(checkout.repository, pullRequestRequest(job, checkout));
    if (pushed.is === "merged") return { is: "finished", answer, observed: await observeWork(pushed.head) };
  }
  return { is: "finished", answer, observed: await observeWork() };
}

async function readDelivery(ports: FinishDependencies, checkout: Checkout): Promise<Pick<WorkObservation, "remoteHead" | "pullRequest">> {
  const forge = ports.forge(checkout.repository.forge);
  return {
    remoteHead: await ports.worktrees.remoteHead(checkout),
    pullRequest: await forge.findPullRequest(checkout.repository, checkout.branch),
  };
}

async function commitAndObserve(worktrees: Worktrees, job: JobFile, checkout: Checkout, exit: ExitFile): Promise<TreeObservation> {
  const tree = await worktrees.observe(checkout, job.scope);
  const mayCommit = job.contract.delivers !== "nothing" && job.contract.commits === "harness" && exit.turn === "completed";
  if (!mayCommit || (tree.uncommitted.length === 0 && !tree.mergeInProgress)) return tree;
  await worktrees.commitAll(checkout, `${oneLine(job.block.title)}\n\nMillrace-Run: ${job.runId}\nMillrace-Step: ${job.step}\n`);
  return worktrees.observe(checkout, job.scope);
}

function observationOf(
  checkout: Checkout,
  exit: ExitFile,
  tree: TreeObservation,
  delivery: Pick<WorkObservation, "remoteHead" | "pullRequest">,
): WorkObservation {
  return {
    branch: checkout.branch,
    headBefore: checkout.head,
    headAfter: tree.headAfter,
    commits: tree.commits,
    treeChanged: tree.treeChanged,
    uncommitted: [...tree.uncommitted],
    rewritten: tree.rewritten,
    foreignCommits: [...tree.foreignCommits],
    strayRefs: [...tree.strayRefs],
    outsideScope: [...tree.outsideScope],
    undeliverable: [...tree.undeliverable],
    conflictMarkers: [...tree.conflictMarkers],
    ...delivery,
    exit: exit.exit,
    turn: exit.turn,
    claims: claimsOf(exit.text),
  };
}

/** Placeholder for the pull request that will be opened, for the judgement of whether to open it. It never leaves this module. */
function expectedPullRequest(job: JobFile, checkout: Checkout): PullRequestRef | null {
  return job.contract.pullRequest === "none"
    ? null
    : { id: "expected", number: 1, url: "expected:", branch: checkout.branch, base: checkout.repository.base };
}

function pullRequestRequest(job: JobFile, checkout: Checkout): { branch: string; title: string; body: string } {
  const title = oneLine(`${job.block.title} (${job.pipelineName})`);
  return {
    branch: checkout.branch,
    title,
    body: `${job.block.description.trim()}\n\n---\nTask ${job.block.id}, pipeline ${job.pipelineName}, run ${job.runId}.\n`.trimStart(),
  };
}

function incompleteTurn(exit: ExitFile): JobOutcome {
  const failures = {
    refused: ["turn_refused", "the agent refused the task"],
    "out-of-tokens": ["turn_cut", "the agent's turn was cut: it ran out of tokens"],
    "out-of-turns": ["turn_cut", "the agent's turn was cut: it ran out of model requests"],
  } as const;
  const [code, message] =
    exit.turn === "refused" || exit.turn === "out-of-tokens" || exit.turn === "out-of-turns"
      ? failures[exit.turn]
      : (["turn_died", "the agent ended in the middle of its turn"] as const);
  return { is: "failed", code, message, detail: null, observed: null, usage: exit.usage };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
