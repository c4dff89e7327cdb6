import type { CommitSha } from "@millrace/contracts";
import type { UpdateResult } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { headOf, readPull } from "./pull-requests.js";
import type { Place } from "./repository.js";
import { commitOf, compare, refusal, tipOf } from "./repository.js";
import type { Pull } from "./shapes.schema.js";
import type { Settle } from "./poll-until.js";

const acceptedSchema = z.unknown();

/** Merges the base into the branch. GitHub compares the head itself and does the merge in the background. */
export async function updateBranch(place: Place, number: number, head: CommitSha, settle: Settle): Promise<UpdateResult> {
  const pull = await readPull(place, number);
  if (pull.merged || pull.state !== "open")
    throw refusal(
      place,
      `pull request ${String(number)} is ${pull.merged ? "merged" : "closed"}`,
      "Open a new pull request for further work.",
    );
  const before = await standing(place, pull, head);
  if (before !== null) return before;
  const { client, owner, repo } = place;
  const route = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch";
  const answer = await client.send(route, { owner, repo, pull_number: number, expected_head_sha: head }, acceptedSchema);
  if (answer.is === "ok") return updated(place, pull, head, settle);
  // One status stands for several reasons; which of them it was is read from the world.
  const why = await settle(() => reasonOf(place, number, head));
  if (why !== null && why !== "allowed") return why;
  throw refusal(
    place,
    `GitHub did not update the branch '${pull.head.ref}' of '${place.ref.id}' (${String(answer.status)}): ${answer.message}`,
    "Give the credential write access to contents, or read GitHub's message.",
  );
}

/** Null while GitHub does not know yet whether the two merge. */
async function reasonOf(place: Place, number: number, head: CommitSha): Promise<UpdateResult | "allowed" | null> {
  const pull = await readPull(place, number);
  const seen = await standing(place, pull, head);
  if (seen !== null || pull.mergeable === null || pull.head.sha !== head) return seen;
  return pull.mergeable ? "allowed" : { is: "conflicted", files: [] };
}

/** What there is to say without asking for anything; null when the branch is at `head`, behind its base. */
async function standing(place: Place, pull: Pull, head: CommitSha): Promise<UpdateResult | null> {
  if ((await headOf(place, pull)) !== head) return { is: "head-moved" };
  const compared = await compare(place, pull.base.ref, head);
  if (compared === null) throw refusal(place, `the base branch '${pull.base.ref}' is gone`, "Create it again.");
  return compared.behind ? null : { is: "current", head };
}

/** Looks until the branch has moved. A commit that is no merge into the head was pushed by somebody else. */
async function updated(place: Place, pull: Pull, head: CommitSha, settle: Settle): Promise<UpdateResult> {
  const next = await settle(async () => {
    const tip = await tipOf(place, pull.head.ref);
    return tip === head ? null : { tip };
  });
  if (next === null)
    throw new MillraceError("forge_failed", `GitHub has not updated the branch '${pull.head.ref}' of '${place.ref.id}' yet`, {
      fix: "Nothing to do: it is looked at again.",
      details: { repository: place.ref.id },
    });
  if (next.tip === null) return { is: "head-moved" };
  const { parents } = await commitOf(place, next.tip);
  return parents.length === 2 && parents[0]?.sha === head ? { is: "updated", head: next.tip } : { is: "head-moved" };
}
