import { judgeWork } from "@millrace/agents";
import type { PullRequestRef, WorkObservation } from "@millrace/contracts";
import { isMillraceError, type Checkout, type Forge, type JobOutcome, type TreeObservation, type Worktrees } from "@millrace/kernel";
import { answerOf, claimsOf, modelLabel } from "./answer.logic.js";
import type { ExitFile, JobFile } from "./job-files.schema.js";

export interface FinishDependencies {
  readonly worktrees: Worktrees;
  forge(name: string): Forge;
}

/**
 * Turns the end of an agent into the outcome of its job. Every step looks at the world first, so a crash at any point is
 * followed by the same outcome: one commit, one push, one pull request.
 *
 * 1. look at the tree; 2. commit, where the contract lets the harness; 3. look again; 4. judge; 5. push and open the pull
 * request, only for work that keeps the contract; 6. read remote and pull request back. The observation goes to the engine,
 * which judges for good.
 */
export async function finishJob(ports: FinishDependencies, job: JobFile, checkout: Checkout | null, exit: ExitFile): Promise<JobOutcome> {
  if (exit.failure !== null) return { is: "failed", ...exit.failure, observed: null };
  if (exit.turn === "cancelled")
    return { is: "failed", code: "turn_cancelled", message: "the job was stopped", detail: null, observed: null };
  const answer = answerOf(exit, job.structured, modelLabel(job.launch.name, exit.model));
  if (checkout === null) return exit.turn === "completed" ? { is: "finished", answer, observed: null } : unfinished(exit);
  const tree = await settledTree(ports.worktrees, job, checkout, exit).catch((error: unknown) => {
    if (isMillraceError(error, "repository_missing")) return null;
    throw error;
  });
  if (tree === null)
    return {
      is: "failed",
      code: "checkout_destroyed",
      message: "the agent destroyed its checkout: there is no usable git repository left in the work folder",
      detail: null,
      observed: null,
    };
  const seen = async (): Promise<WorkObservation> => observationOf(checkout, exit, tree, await readWorld(ports, checkout));
  // A merge that was given up and replaced by a commit of one's own looks like work and resolves nothing.
  if (job.contract.delivers === "resolve" && exit.turn === "completed" && !tree.rewritten && tree.commits > 0 && !tree.containsBase) {
    return {
      is: "failed",
      code: "base_not_merged",
      message: `the branch '${checkout.branch}' has new commits but still does not contain its base`,
      detail: null,
      observed: await seen(),
    };
  }
  const hoped = observationOf(checkout, exit, tree, { remoteHead: tree.headAfter, pullRequest: expectedPullRequest(job, checkout) });
  // An update that changed nothing is done as it stands: there is nothing to push.
  const delivers = job.contract.delivers === "update" ? tree.commits > 0 : job.contract.delivers !== "nothing";
  if (delivers && judgeWork(job.contract, hoped) === null) {
    const pushed = await ports.worktrees.push(checkout);
    if (pushed.is === "rejected") {
      return {
        is: "failed",
        code: "push_rejected",
        message: `somebody else moved '${checkout.branch}' while the agent worked; it is at ${pushed.remoteHead ?? "nothing"} now`,
        detail: null,
        observed: await seen(),
      };
    }
    if (job.contract.pullRequest === "required")
      await ports.forge(checkout.repository.forge).openPullRequest(checkout.repository, pullRequestRequest(job, checkout));
  }
  return { is: "finished", answer, observed: await seen() };
}

async function readWorld(ports: FinishDependencies, checkout: Checkout): Promise<Pick<WorkObservation, "remoteHead" | "pullRequest">> {
  const forge = ports.forge(checkout.repository.forge);
  return {
    remoteHead: await ports.worktrees.remoteHead(checkout),
    pullRequest: await forge.findPullRequest(checkout.repository, checkout.branch),
  };
}

async function settledTree(worktrees: Worktrees, job: JobFile, checkout: Checkout, exit: ExitFile): Promise<TreeObservation> {
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
  world: Pick<WorkObservation, "remoteHead" | "pullRequest">,
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
    conflictMarkers: [...tree.conflictMarkers],
    ...world,
    exit: exit.exit,
    turn: exit.turn,
    claims: claimsOf(exit.text),
  };
}

/** Stands for the pull request that will be opened, while it is judged whether the work deserves one. Never leaves this module as a fact. */
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

function unfinished(exit: ExitFile): JobOutcome {
  const how = {
    refused: ["turn_refused", "the agent refused the task"],
    "out-of-tokens": ["turn_cut", "the agent's turn was cut: it ran out of tokens"],
    "out-of-turns": ["turn_cut", "the agent's turn was cut: it ran out of model requests"],
  } as const;
  const [code, message] =
    exit.turn === "refused" || exit.turn === "out-of-tokens" || exit.turn === "out-of-turns"
      ? how[exit.turn]
      : (["turn_died", "the agent ended in the middle of its turn"] as const);
  return { is: "failed", code, message, detail: null, observed: null };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
