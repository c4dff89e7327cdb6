/**
 * Merging: exactly the expected head, onto exactly the expected base.
 * 1. The world is read first: a merge that happened is returned, a head or base that moved is refused.
 * 2. Where nothing guards the base, a merge commit is made and the base moved to it only if it still is where it was: git's
 *    own compare-and-set. GitHub marks the pull request as merged when its head reached the base.
 * 3. Where something guards the base, or changes are squashed, GitHub's merge call is used, which compares the head. It does
 *    not compare the base, unless the protection is strict ("require branches to be up to date"); between the look and the
 *    call the base may move. The result therefore says the base that the landed commit really has.
 * 4. Where changes land through a merge queue, they are handed in to it (`merge-queue.ts`).
 * 5. After an answer that was lost, or a refusal, what happened is read, never guessed from the answer.
 */
import type { CommitSha } from "@millrace/contracts";
import type { MergeResult } from "@millrace/kernel";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import type { Refusal } from "./client.js";
import { headOf, readPull } from "./pull-requests.js";
import { landThroughQueue, readQueue } from "./merge-queue.js";
import type { Place } from "./repository.js";
import { commitOf, compare, refusal } from "./repository.js";
import type { BranchRules } from "./rules.js";
import type { Settle } from "./poll-until.js";
import { gitCommitSchema, mergedSchema, refSchema, type Pull } from "./shapes.schema.js";

type Refused = Extract<MergeResult, { is: "refused" }>;

export interface MergeOrder {
  readonly number: number;
  readonly expected: { readonly head: CommitSha; readonly base: CommitSha };
  readonly message: string;
  readonly method: "merge" | "squash";
  readonly askedAt: number;
}

export async function mergePull(place: Place, order: MergeOrder, rules: BranchRules, settle: Settle): Promise<MergeResult> {
  const pull = await readPull(place, order.number);
  if (await goesThroughQueue(place, pull, rules)) return handIn(place, order, settle);
  const before = await standing(place, pull, order.expected, settle);
  if (before !== null) return before;
  try {
    const moved = rules.guarded || order.method !== "merge" ? null : await moveBase(place, pull, order);
    // Refused though the base is where it was: something guards it that this credential cannot see.
    return moved ?? (await pressIfUnmoved(place, order, settle));
  } catch (error) {
    // The answer may have been lost after the merge.
    if (!isMillraceError(error, "forge_failed")) throw error;
    const found = await settle(async () => mergedResult(place, await readPull(place, order.number))).catch(() => null);
    if (found !== null) return found;
    throw error;
  }
}

/** A ruleset says so; a branch protection says it in GraphQL only. */
async function goesThroughQueue(place: Place, pull: Pull, { queue, guarded }: BranchRules): Promise<boolean> {
  if (pull.merged || queue || !guarded) return queue && !pull.merged;
  const standing = await readQueue(place, pull);
  return standing !== null && (standing.isEnabled || standing.entry !== null);
}

/** One that was taken out because it landed reads as merged a moment later. */
function handIn(place: Place, { number, expected, askedAt }: MergeOrder, settle: Settle): Promise<MergeResult> {
  return landThroughQueue(place, { number, head: expected.head, askedAt }, async (pull) => {
    const done = await mergedResult(place, pull);
    if (done !== null || pull.state !== "open") return done;
    const compared = await compare(place, pull.base.ref, expected.head);
    return compared?.contained === true ? settle(async () => mergedResult(place, await readPull(place, number))) : null;
  });
}

/** What there is to say without asking for a merge; null when head and base are as expected and the head contains the base. */
async function standing(place: Place, pull: Pull, expected: MergeOrder["expected"], settle: Settle): Promise<MergeResult | null> {
  const done = await mergedResult(place, pull);
  if (done !== null) return done;
  if (pull.state !== "open") return refused("not-open", `pull request ${String(pull.number)} is closed`);
  const head = await headOf(place, pull);
  if (head !== expected.head) return refused("head-moved", `the head is ${head}, not ${expected.head}`);
  const compared = await compare(place, pull.base.ref, head);
  if (compared === null) throw refusal(place, `the base branch '${pull.base.ref}' is gone`, "Create it again.");
  if (compared.contained) {
    // The base was moved over the head, by an earlier call or by a person; GitHub takes a moment to say "merged".
    const noticed = await settle(async () => mergedResult(place, await readPull(place, pull.number)));
    return noticed ?? refused("not-allowed", "the branch adds nothing to its base");
  }
  if (compared.base !== expected.base) return refused("base-moved", `the base is at ${compared.base}, not at ${expected.base}`);
  return compared.behind ? refused("base-moved", `the head does not contain its base ${compared.base}`) : null;
}

/** The merge that happened, with the base it really landed on; null when none did. */
async function mergedResult(place: Place, pull: Pull): Promise<MergeResult | null> {
  if (!pull.merged || pull.merge_commit_sha === null) return null;
  const { sha, parents } = await commitOf(place, pull.merge_commit_sha);
  return { is: "merged", commit: sha, head: pull.head.sha, base: parents[0]?.sha ?? pull.base.sha };
}

/** Compare-and-set of the base. Null when it was refused. */
async function moveBase(place: Place, pull: Pull, { expected, message }: MergeOrder): Promise<MergeResult | null> {
  const { client, owner, repo } = place;
  const { tree } = await commitOf(place, expected.head);
  const parents = [expected.base, expected.head];
  const text = `${message.trim()}\n\nPull-Request: ${pull.html_url}\n`;
  const made = await client.send(
    "POST /repos/{owner}/{repo}/git/commits",
    { owner, repo, message: text, tree: tree.sha, parents },
    gitCommitSchema,
  );
  if (made.is === "refused") return null;
  const { sha } = made.value;
  const route = "PATCH /repos/{owner}/{repo}/git/refs/{ref}";
  const moved = await client.send(route, { owner, repo, ref: `heads/${pull.base.ref}`, sha, force: false }, refSchema);
  return moved.is === "ok" ? { is: "merged", commit: sha, ...expected } : null;
}

async function pressIfUnmoved(place: Place, order: MergeOrder, settle: Settle): Promise<MergeResult> {
  const now = await standing(place, await readPull(place, order.number), order.expected, settle);
  if (now !== null) return now;
  const pressed = await press(place, order);
  return "status" in pressed ? afterRefusal(place, order, pressed.status, settle) : pressed;
}

/** GitHub's merge button, for exactly this head. */
async function press(place: Place, { number, expected, message, method }: MergeOrder): Promise<MergeResult | Refusal> {
  const { client, owner, repo } = place;
  const [title = "", ...rest] = message.split("\n");
  const answer = await client.send(
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
    {
      owner,
      repo,
      pull_number: number,
      sha: expected.head,
      merge_method: method,
      commit_title: title,
      commit_message: rest.join("\n").trim(),
    },
    mergedSchema,
  );
  if (answer.is === "refused") return answer;
  const { sha, parents } = await commitOf(place, answer.value.sha);
  return { is: "merged", commit: sha, head: expected.head, base: parents[0]?.sha ?? expected.base };
}

/**
 * GitHub said no. What the world looks like now says why. Where it looks as expected, GitHub has not caught up with it (409: it
 * sees another head; or it does not know yet whether the two merge), or its own rules stand in the way.
 */
async function afterRefusal(place: Place, order: MergeOrder, status: number, settle: Settle): Promise<MergeResult> {
  const pull = await readPull(place, order.number);
  const now = await standing(place, pull, order.expected, settle);
  if (now !== null) return now;
  const name = `pull request ${String(order.number)} of '${place.ref.id}'`;
  if (status === 409 || pull.mergeable === null)
    throw new MillraceError("forge_failed", `GitHub is not ready to merge ${name} (${String(status)})`, {
      fix: "Nothing to do: it is tried again.",
      details: { repository: place.ref.id, status },
    });
  return refused("checks", `GitHub does not merge ${name}: a review, a check or a rule of '${pull.base.ref}' is missing`);
}

function refused(because: Refused["because"], message: string): Refused {
  return { is: "refused", because, message };
}
