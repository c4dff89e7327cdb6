import type { CommitSha, PullRequestRef } from "@millrace/contracts";
import type { UpdateResult } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { headOf, mismatchOf, readPull } from "./pull-requests.js";
import type { OpenRepository } from "./repository.js";
import { commitOf, compare, notShown, refusal, tipOf } from "./repository.js";
import type { Pull } from "./shapes.schema.js";
import type { PollUntil } from "./poll-until.js";

const acceptedSchema = z.unknown();

/** Merges the base into the branch. GitHub compares the head and does the merge in the background. */
export async function updateBranch(
  repository: OpenRepository,
  { number, branch }: PullRequestRef,
  head: CommitSha,
  pollUntil: PollUntil,
): Promise<UpdateResult> {
  const pull = await readPull(repository, number);
  const mismatch = mismatchOf(repository, branch, pull);
  if (mismatch !== null)
    throw refusal(repository, mismatch, `Point it at '${repository.ref.base}' again, or close it and start the task anew.`);
  if (pull.merged || pull.state !== "open")
    throw refusal(
      repository,
      `pull request ${String(number)} is ${pull.merged ? "merged" : "closed"}`,
      "Open a new pull request for further work.",
    );
  const before = await currentResult(repository, pull, head);
  if (before !== null) return before;
  const { client, owner, repo } = repository;
  const route = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch";
  const answer = await client.send(route, { owner, repo, pull_number: number, expected_head_sha: head }, acceptedSchema);
  if (answer.is === "ok") return awaitUpdate(repository, pull, head, pollUntil);
  // GitHub uses one status for several reasons, so the reason is read from the pull request.
  const why = await pollUntil(() => reasonOf(repository, number, head));
  if (why !== null && why !== "allowed") return why;
  // Nothing that GitHub shows forbids it: what it does not show yet does.
  if (answer.status !== 403) throw notShown(repository, `why the branch '${pull.head.ref}' cannot be updated`);
  throw refusal(
    repository,
    `GitHub did not update the branch '${pull.head.ref}' of '${repository.ref.id}' (${String(answer.status)}): ${answer.message}`,
    "Give the credential write access to contents, or read GitHub's message.",
  );
}

/** Why an update was refused; `allowed` if no reason is visible. Null until GitHub has computed mergeability. */
async function reasonOf(repository: OpenRepository, number: number, head: CommitSha): Promise<UpdateResult | "allowed" | null> {
  const pull = await readPull(repository, number);
  const result = await currentResult(repository, pull, head);
  if (result !== null || pull.mergeable === null || pull.head.sha !== head) return result;
  return pull.mergeable ? "allowed" : { is: "conflicted", files: [] };
}

/** The result so far, without an update; null if the branch is at `head` and behind its base. */
async function currentResult(repository: OpenRepository, pull: Pull, head: CommitSha): Promise<UpdateResult | null> {
  if ((await headOf(repository, pull)) !== head) return { is: "head-moved" };
  const compared = await compare(repository, pull.base.ref, head);
  if (compared === null) throw refusal(repository, `the base branch '${pull.base.ref}' is gone`, "Create it again.");
  return compared.behind ? null : { is: "current", head };
}

/** Polls until the branch has moved. A new tip that is not a merge into `head` is another client's push. */
async function awaitUpdate(repository: OpenRepository, pull: Pull, head: CommitSha, pollUntil: PollUntil): Promise<UpdateResult> {
  const next = await pollUntil(async () => {
    const tip = await tipOf(repository, pull.head.ref);
    return tip === head ? null : { tip };
  });
  if (next === null)
    throw new MillraceError("forge_failed", `GitHub has not updated the branch '${pull.head.ref}' of '${repository.ref.id}' yet`, {
      fix: "Nothing to do: it is tried again.",
      details: { repository: repository.ref.id },
    });
  if (next.tip === null) return { is: "head-moved" };
  const { parents } = await commitOf(repository, next.tip);
  return parents.length === 2 && parents[0]?.sha === head ? { is: "updated", head: next.tip } : { is: "head-moved" };
}
