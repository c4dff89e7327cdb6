import type { CommitSha } from "@millrace/contracts";
import type { MergeResult, PullRequestLedger, StoredPullRequest, UpdateResult } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import type { Git } from "../git/git.js";
import { authorEnvironment, trailersOf, type CommitStyle } from "../git/commit-style.js";
import { isAncestor } from "../git/refs.js";
import { clearStaleLocks } from "../git/stale-locks.js";
import { mergeMarker, reconcile, type LandedMerge } from "./reconcile.js";
import type { OpenRepository, BranchTips } from "./local-repository.js";
import { readTips } from "./local-repository.js";
import { trialMerge } from "../git/merge-tree.js";

type Refusal = Extract<MergeResult, { is: "refused" }>;

export interface MergeRequest {
  readonly expected: { readonly head: CommitSha; readonly base: CommitSha };
  readonly message: string;
  /** Time of the merge commit, in epoch ms. */
  readonly now: number;
}

/**
 * Merges exactly `expected.head` into exactly `expected.base`. The head must contain the base, so the merge commit has
 * the head's own tree, which is the tree that was checked. Branch, base and marker are compared and set in one ref
 * transaction. After a crash that follows it, `reconcile` finds the merge.
 */
export async function mergePull(
  ledger: PullRequestLedger,
  repository: OpenRepository,
  stored: StoredPullRequest,
  request: MergeRequest,
): Promise<MergeResult> {
  const { expected, message, now } = request;
  const { git } = repository;
  const elsewhere = baseMismatch(repository, stored);
  if (elsewhere !== null) return refused("not-allowed", elsewhere);
  const tips = await readTips(git, stored.branch, stored.base);
  const pull = await reconcile(ledger, repository, stored, tips);
  if (pull.state === "merged") return { is: "merged", ...mergeOf(pull) };
  const refusal =
    pull.state === "closed" ? refused("not-open", `pull request ${String(pull.number)} is closed`) : await refusalOf(git, tips, expected);
  if (refusal !== null) return refusal;
  const text = `${message.trim()}\n\nMillrace-Pull-Request: ${String(pull.number)}\n`;
  const squashes = repository.mergeMethod === "squash";
  const parents = squashes ? [expected.base] : [expected.base, expected.head];
  const commit = await commitTree(
    git,
    `${expected.head}^{tree}`,
    parents,
    `${text}${trailersOf(repository.commits)}`,
    now,
    repository.commits,
  );
  const moved = await moveRefs(repository, [
    `verify ${tips.branch} ${expected.head}`,
    `update ${tips.base} ${commit} ${expected.base}`,
    `update ${mergeMarker(pull)} ${commit}`,
    // A squashed commit does not name the head it was made of.
    ...(squashes ? [`update ${mergeMarker(pull)}-head ${expected.head}`] : []),
  ]);
  if (!moved) return afterLostRace(ledger, repository, stored, expected);
  await ledger.markMerged(pull.repository, pull.number, { commit, ...expected });
  return { is: "merged", commit, ...expected };
}

/** The ref transaction failed: another process was faster, or a ref was locked. The current tips tell which. */
async function afterLostRace(
  ledger: PullRequestLedger,
  repository: OpenRepository,
  stored: StoredPullRequest,
  expected: MergeRequest["expected"],
): Promise<MergeResult> {
  const tips = await readTips(repository.git, stored.branch, stored.base);
  const pull = await reconcile(ledger, repository, stored, tips);
  if (pull.state === "merged") return { is: "merged", ...mergeOf(pull) };
  const refusal = await refusalOf(repository.git, tips, expected);
  if (refusal !== null) return refusal;
  throw new MillraceError("forge_failed", `the merge of pull request ${String(stored.number)} could not be written`, {
    fix: "Try again; if it stays, look for a *.lock file below the repository's refs.",
    details: { repository: repository.ref.id },
  });
}

async function refusalOf(git: Git, { head, baseHead }: BranchTips, expected: MergeRequest["expected"]): Promise<Refusal | null> {
  if (head !== expected.head) return refused("head-moved", `the branch is at ${head ?? "nothing"}, not at ${expected.head}`);
  if (baseHead !== expected.base) return refused("base-moved", `the base is at ${baseHead ?? "nothing"}, not at ${expected.base}`);
  if (!(await isAncestor(git, baseHead, head))) return refused("base-moved", `the branch does not contain its base ${baseHead}`);
  return head === baseHead ? refused("not-allowed", "the branch adds nothing to its base") : null;
}

/** Merges the base's tip into the branch if the branch is still at `head`. */
export async function updatePull(repository: OpenRepository, pull: StoredPullRequest, head: CommitSha, now: number): Promise<UpdateResult> {
  const { git } = repository;
  const elsewhere = baseMismatch(repository, pull);
  if (elsewhere !== null)
    throw new MillraceError("forge_refused", elsewhere, {
      fix: "Correct the repository's base branch, or open a pull request to it.",
      details: { repository: repository.ref.id, base: pull.base },
    });
  const tips = await readTips(git, pull.branch, pull.base);
  if (tips.head !== head) return { is: "head-moved" };
  const { baseHead } = tips;
  if (baseHead === null)
    throw new MillraceError("forge_refused", `the base branch '${pull.base}' is gone`, {
      fix: "Create it again.",
      details: { repository: repository.ref.id },
    });
  if (await isAncestor(git, baseHead, head)) return { is: "current", head };
  const trial = await trialMerge(git, head, baseHead);
  if (trial.is === "conflicted") return trial;
  const commit = await commitTree(git, trial.tree, [head, baseHead], `Merge ${pull.base} into ${pull.branch}\n`, now);
  if (await moveRefs(repository, [`update ${tips.branch} ${commit} ${head}`])) return { is: "updated", head: commit };
  if ((await readTips(git, pull.branch, pull.base)).head !== head) return { is: "head-moved" };
  throw new MillraceError("forge_failed", `the branch '${pull.branch}' could not be written`, {
    fix: "Try again; if it stays, look for a *.lock file below the repository's refs.",
    details: { repository: repository.ref.id },
  });
}

/** Why a pull request is not one to the repository's base; null when it is. */
function baseMismatch({ ref }: OpenRepository, { number, base }: StoredPullRequest): string | null {
  return base === ref.base ? null : `pull request ${String(number)} merges into '${base}', not into '${ref.base}'`;
}

function commitTree(
  git: Git,
  tree: string,
  parents: readonly CommitSha[],
  message: string,
  now: number,
  style?: CommitStyle,
): Promise<CommitSha> {
  const date = `@${String(Math.floor(now / 1000))} +0000`;
  const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"];
  return git.text(args, { input: message, env: { ...authorEnvironment(style), GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } });
}

/**
 * Runs one ref transaction; again when a lock was in its way that a killed git had left. False if an old value did not match or a ref was
 * locked; then no ref moved.
 */
async function moveRefs({ git, path }: OpenRepository, commands: readonly string[]): Promise<boolean> {
  const move = async () => {
    const input = ["start", ...commands, "prepare", "commit", ""].join("\n");
    return (await git.run(["update-ref", "--no-deref", "--stdin"], { input, accept: [0, 128] })).code === 0;
  };
  return (await move()) || ((await clearStaleLocks(path)) > 0 && (await move()));
}

/** The merge of a merged pull request, as the ledger has it. */
export function mergeOf(pull: StoredPullRequest): LandedMerge {
  const { mergedAs, mergedHead, mergedBase } = pull;
  if (mergedAs === null || mergedHead === null || mergedBase === null)
    throw new MillraceError("internal", `the record of merged pull request ${String(pull.number)} is incomplete`);
  return { commit: mergedAs, head: mergedHead, base: mergedBase };
}

function refused(because: Refusal["because"], message: string): Refusal {
  return { is: "refused", because, message };
}
