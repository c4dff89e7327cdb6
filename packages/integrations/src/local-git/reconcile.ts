import type { CommitSha } from "@millrace/contracts";
import type { PullRequestLedger, StoredPullRequest } from "@millrace/kernel";
import { commitAt, isAncestor } from "../git/refs.js";
import type { OpenRepository, Tips } from "./local-repository.js";

/** A merge that is in the repository. */
export interface Landed {
  readonly commit: CommitSha;
  readonly head: CommitSha;
  readonly base: CommitSha;
}

/** Merges of the base looked through for one that was made without a marker. */
const MERGES_SEARCHED = 1000;

/** Ref that a merge sets together with the base. With the time of opening in it: numbers start again with a new database, times do not. */
export function mergeMarker(pull: StoredPullRequest): string {
  return `refs/millrace/merges/${String(pull.number)}-${pull.createdAt.toString(36)}`;
}

/**
 * The pull request as it is: what the ledger says, put right by the repository when a crash came between the merge and its
 * record, or when a person merged by hand.
 */
export async function settle(
  ledger: PullRequestLedger,
  repository: OpenRepository,
  pull: StoredPullRequest,
  tips: Tips,
): Promise<StoredPullRequest> {
  if (pull.state !== "open") return pull;
  const landed = await findLanded(repository, pull, tips);
  if (landed === null) return pull;
  await ledger.markMerged(pull.repository, pull.number, landed);
  return { ...pull, state: "merged", mergedAs: landed.commit, mergedHead: landed.head, mergedBase: landed.base };
}

/** Only what the base contains has landed: git sets the refs of one transaction one after the other, and a crash can fall between them. */
async function findLanded({ git }: OpenRepository, pull: StoredPullRequest, { head, baseHead }: Tips): Promise<Landed | null> {
  if (baseHead === null) return null;
  const marked = await commitAt(git, mergeMarker(pull));
  if (marked !== null && (await isAncestor(git, marked, baseHead))) {
    const [, base, merged] = (await git.text(["rev-list", "--parents", "--max-count=1", marked])).split(" ");
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
