import type { CommitSha } from "@millrace/contracts";
import type { PullRequestLedger, StoredPullRequest } from "@millrace/kernel";
import { commitAt, isAncestor } from "../git/refs.js";
import type { OpenRepository, BranchTips } from "./local-repository.js";

/** A merge that the base branch contains. */
export interface LandedMerge {
  readonly commit: CommitSha;
  readonly head: CommitSha;
  readonly base: CommitSha;
}

/** Merge commits of the base that are searched for one without a marker. */
const MERGES_SEARCHED = 1000;

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
 * Finds a merge by its marker, else by its parents. A marker counts only if the base contains it: git sets the refs of
 * one transaction one after the other, and a crash can fall between them.
 */
async function findLanded({ git }: OpenRepository, pull: StoredPullRequest, { head, baseHead }: BranchTips): Promise<LandedMerge | null> {
  if (baseHead === null) return null;
  const marked = await commitAt(git, mergeMarker(pull));
  if (marked !== null && (await isAncestor(git, marked, baseHead))) {
    const [, base, second] = (await git.text(["rev-list", "--parents", "--max-count=1", marked])).split(" ");
    const merged = second ?? (await commitAt(git, `${mergeMarker(pull)}-head`)) ?? undefined;
    if (base !== undefined && merged !== undefined) return { commit: marked, head: merged, base };
  }
  if (head === null || head === baseHead || !(await isAncestor(git, head, baseHead))) return null;
  const merges = await git.text([
    "rev-list",
    "--first-parent",
    "--min-parents=2",
    "--parents",
    `--max-count=${String(MERGES_SEARCHED)}`,
    baseHead,
    `^${head}`,
  ]);
  for (const line of merges.split("\n")) {
    const [commit, base, merged] = line.split(" ");
    if (commit !== undefined && base !== undefined && merged === head) return { commit, head, base };
  }
  return null;
}
