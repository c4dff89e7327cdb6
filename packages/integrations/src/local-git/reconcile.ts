import type { CommitSha } from "@millrace/contracts";
import type { PullRequestLedger, StoredPullRequest } from "@millrace/kernel";
import type { Git } from "../git/git.js";
import { commitAt, isAncestor } from "../git/refs.js";
import type { OpenRepository, BranchTips } from "./local-repository.js";

/** A merge that the base branch contains. */
export interface LandedMerge {
  readonly commit: CommitSha;
  readonly head: CommitSha;
  readonly base: CommitSha;
}

/** Commits of the base that are searched for a merge without a marker. */
const COMMITS_SEARCHED = 1000;

/**
 * Marker ref that a merge sets together with the base. Its name contains the time of opening, because numbers start
 * again with a new database.
 */
export function mergeMarker(pull: StoredPullRequest): string {
  return `refs/millrace/merges/${String(pull.number)}-${pull.createdAt.toString(36)}`;
}

/**
 * Reconciles the ledger with the repository and returns the pull request as it is now. An open pull request whose merge
 * is in the base is marked as merged: after a crash between the merge and its record, or after a merge by hand.
 */
export async function reconcile(
  ledger: PullRequestLedger,
  repository: OpenRepository,
  pull: StoredPullRequest,
  tips: BranchTips,
): Promise<StoredPullRequest> {
  if (pull.state !== "open") return pull;
  const landed = await findLanded(repository, pull, tips);
  if (landed === null) return pull;
  await ledger.markMerged(pull.repository, pull.number, landed);
  return { ...pull, state: "merged", mergedAs: landed.commit, mergedHead: landed.head, mergedBase: landed.base };
}

/**
 * Finds a merge by its marker, else by its parents, else by the base containing the work. A marker counts only if the base contains it:
 * git sets the refs of one transaction one after the other, and a crash can fall between them.
 */
async function findLanded({ git }: OpenRepository, pull: StoredPullRequest, { head, baseHead }: BranchTips): Promise<LandedMerge | null> {
  if (baseHead === null) return null;
  const marked = await commitAt(git, mergeMarker(pull));
  if (marked !== null && (await isAncestor(git, marked, baseHead))) {
    const [, base, second] = (await git.text(["rev-list", "--parents", "--max-count=1", marked])).split(" ");
    const merged = second ?? (await commitAt(git, `${mergeMarker(pull)}-head`)) ?? undefined;
    if (base !== undefined && merged !== undefined) return { commit: marked, head: merged, base };
  }
  if (head === null || !(await isAncestor(git, head, baseHead))) return null;
  const merges = await firstParents(git, ["--min-parents=2", baseHead, `^${head}`]);
  const merge = merges.find(({ parents }) => parents[1] === head);
  if (merge?.parents[0] !== undefined) return { commit: merge.commit, head, base: merge.parents[0] };
  return findContained(git, pull, head, baseHead);
}

/**
 * The landing of a head that the base contains without a merge commit of its own: the base was moved forward to it, or to something that
 * contains it. A branch that was only put back to what the base had does not contain the work that the pull request was opened with.
 */
async function findContained(git: Git, pull: StoredPullRequest, head: CommitSha, baseHead: CommitSha): Promise<LandedMerge | null> {
  const { openedHead, openedBase } = pull;
  if (openedHead === null || openedBase === null || !(await isAncestor(git, openedHead, head))) return null;
  const line = await firstParents(git, [baseHead, `^${openedBase}`]);
  if (line.some(({ commit }) => commit === head)) {
    // The base that the branch was last updated from, else the one that it was opened on.
    const [update] = await firstParents(git, ["--min-parents=2", head, `^${openedHead}`]);
    return { commit: head, head, base: update?.parents[1] ?? (await git.text(["merge-base", openedBase, head])) };
  }
  const landing = (await firstParents(git, ["--ancestry-path", baseHead, `^${head}`])).at(-1);
  return landing?.parents[0] === undefined ? null : { commit: landing.commit, head, base: landing.parents[0] };
}

/** Commits with their parents along first parents, the newest first. */
async function firstParents(
  git: Git,
  range: readonly string[],
): Promise<readonly { readonly commit: CommitSha; readonly parents: readonly CommitSha[] }[]> {
  const text = await git.text(["rev-list", "--first-parent", "--parents", `--max-count=${String(COMMITS_SEARCHED)}`, ...range]);
  return text.split("\n").flatMap((line) => {
    const [commit, ...parents] = line.split(" ");
    return commit === undefined || commit === "" ? [] : [{ commit, parents }];
  });
}
