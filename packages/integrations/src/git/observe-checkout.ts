import type { CommitSha } from "@millrace/contracts";
import type { Checkout, TreeObservation } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import { filesInside, takeWork, type CloneClaims } from "./clone-claims.js";
import type { Git } from "./git.js";
import { jobMarkers } from "./job-markers.js";
import { quarantinePath, receive } from "./quarantine.js";
import { isInside, scopeFolder } from "./scope.logic.js";
import { undeliverablePaths } from "./undeliverable.js";
import { commitsBetween, isAncestor, readRemoteRefs, type Refs } from "./refs.js";
import type { WorkGit } from "./work-git.js";

/** Maximum number of entries in each list of an observation. */
const MAX_LISTED = 20;
/** Longest entry of such a list, in characters. */
const MAX_ENTRY = 400;
const CONFLICT_MARKERS = "^(<<<<<<<|>>>>>>>)( |\\r?$)";

/** What `observeCheckout` works with. */
export interface Observing {
  /** Git in the quarantine. */
  readonly git: Git;
  readonly work: WorkGit;
  readonly record: ReadyRecord;
  readonly url: string;
  readonly maxPackBytes: number;
}

/** Receives the head of a clone, after an agent worked in it, and compares it with the record. */
export async function observeCheckout(observing: Observing, scope: string | null): Promise<TreeObservation> {
  const { git, work, record, url, maxPackBytes } = observing;
  const { checkout } = record;
  const folder = scopeFolder(scope);
  const { head: before, baseHead } = checkout;
  const branch = branchOf(checkout);
  const { claims, pack } = await takeWork(work, { branch, known: [before, baseHead], maxBytes: maxPackBytes });
  const headAfter = claims.refs[branch] ?? before;
  await receive(git, { commit: headAfter, before, pack });
  const commits = await commitsBetween(git, [headAfter], [before]);
  const [changed, treeBefore, treeAfter, isForward, containsBase, foreign, strayRemote, undelivered, markers] = await Promise.all([
    changedPaths(git, record, headAfter),
    git.text(["rev-parse", `${before}^{tree}`]),
    git.text(["rev-parse", `${headAfter}^{tree}`]),
    isAncestor(git, before, headAfter),
    isAncestor(git, baseHead, headAfter),
    foreignCommits(git, record, commits),
    strayRemoteRefs(git, record, url, claims),
    undeliverable(record, work, headAfter),
    conflictMarkers(git, checkout, headAfter),
  ]);
  const { uncommitted, mergeInProgress } = claims;
  return {
    headAfter,
    commits: commits.length,
    treeChanged: treeBefore !== treeAfter,
    uncommitted: listed(uncommitted),
    rewritten: !isForward,
    foreignCommits: listed(foreign),
    strayRefs: listed([...strayLocalRefs(record, claims), ...strayRemote]),
    undeliverable: listed(undelivered),
    outsideScope: listed(folder === null ? [] : [...new Set([...changed, ...uncommitted])].filter((path) => !isInside(folder, path))),
    conflictMarkers: listed(markers),
    containsBase,
    mergeInProgress,
  };
}

function branchOf({ branch }: Checkout): string {
  return `refs/heads/${branch}`;
}

function listed(entries: readonly string[]): string[] {
  return entries.slice(0, MAX_LISTED).map((entry) => (entry.length > MAX_ENTRY ? `${entry.slice(0, MAX_ENTRY)}…` : entry));
}

/** Paths that the job changed. If the job was to merge the base, paths that equal the base are not counted. */
async function changedPaths(git: Git, { checkout, mergeBase }: ReadyRecord, headAfter: CommitSha): Promise<string[]> {
  const since = (commit: CommitSha) => git.list(["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, headAfter, "--"]);
  const changed = await since(checkout.head);
  if (!mergeBase || !(await isAncestor(git, checkout.baseHead, headAfter))) return changed;
  const againstBase = new Set(await since(checkout.baseHead));
  return changed.filter((path) => againstBase.has(path));
}

/** Changed paths that cannot be delivered, and work inside submodules. */
async function undeliverable({ checkout, mergeBase }: ReadyRecord, work: WorkGit, after: CommitSha): Promise<readonly string[]> {
  return undeliverablePaths({
    repository: quarantinePath(checkout.control),
    base: checkout.baseHead,
    before: checkout.head,
    after,
    merged: mergeBase ? checkout.baseHead : null,
    filesInside: (submodules) => filesInside(work, submodules),
  });
}

/** New commits on the branch that the remote had before the job, so they are not the job's own work. */
async function foreignCommits(
  git: Git,
  { checkout, mergeBase, remoteRefs }: ReadyRecord,
  commits: readonly CommitSha[],
): Promise<CommitSha[]> {
  if (commits.length === 0) return [];
  const own = new Set(await commitsBetween(git, commits, Object.values(remoteRefs)));
  const legitimate = new Set(mergeBase ? await commitsBetween(git, [checkout.baseHead], [checkout.head]) : []);
  return commits.filter((commit) => !own.has(commit) && !legitimate.has(commit));
}

/** What the clone says of refs that moved beside the job's branch: HEAD elsewhere, other refs changed, made or deleted. */
function strayLocalRefs({ checkout, remoteRefs }: ReadyRecord, { headRef, refs: now }: CloneClaims): string[] {
  const branch = branchOf(checkout);
  const names = [...new Set([...Object.keys(now), ...Object.keys(checkout.refs)])].filter((name) => name !== branch);
  return [
    ...(now[branch] === undefined ? [`${branch} deleted`] : []),
    ...(headRef === branch ? [] : [`HEAD ${headRef ?? "detached"}`]),
    ...names
      .filter((name) => now[name] !== checkout.refs[name] && now[name] !== remoteRefs[name])
      .map((name) => `${name} ${now[name] ?? "deleted"}`)
      .toSorted(),
  ];
}

/**
 * Refs of the remote that moved to a commit of this job. An agent has no remote; where nothing contains it, it may still find a way there.
 * Other people move refs too, so a commit counts as the job's only if the clone's own refs or HEAD pointed at it.
 */
async function strayRemoteRefs(git: Git, { checkout, remoteRefs }: ReadyRecord, url: string, claims: CloneClaims): Promise<string[]> {
  const made = await madeHere(git, [...new Set([...Object.values(claims.refs), ...claims.heads])], remoteRefs);
  if (made.size === 0) return [];
  const expected = new Set([branchOf(checkout), jobMarkers(checkout.key).pushed]);
  return Object.entries(await readRemoteRefs(url))
    .filter(([name, commit]) => !expected.has(name) && remoteRefs[name] !== commit && made.has(commit))
    .map(([name, commit]) => `remote ${name} ${commit}`);
}

/** The commits among these that the remote did not have. */
async function madeHere(git: Git, commits: readonly CommitSha[], remoteRefs: Refs): Promise<ReadonlySet<CommitSha>> {
  if (commits.length === 0) return new Set();
  const types = (await git.text(["cat-file", "--batch-check=%(objecttype)"], { input: `${commits.join("\n")}\n` })).split("\n");
  const received = commits.filter((_, at) => types[at] === "commit");
  const fresh = new Set(await commitsBetween(git, received, Object.values(remoteRefs)));
  return new Set(commits.filter((commit, at) => types[at] !== "commit" || fresh.has(commit)));
}

/** Text files with conflict markers among those that were changed since the base. */
async function conflictMarkers(git: Git, checkout: Checkout, headAfter: CommitSha): Promise<string[]> {
  const sinceBase = new Set(
    await git.list(["diff", "--name-only", "--no-renames", "--no-ext-diff", "--diff-filter=d", "-z", checkout.baseHead, headAfter, "--"]),
  );
  if (sinceBase.size === 0) return [];
  const grep = ["grep", "-l", "-z", "-I", "-E", "--threads=1", "-e", CONFLICT_MARKERS, headAfter, "--"];
  const found = (await git.list(grep, { accept: [0, 1] })).map((entry) => entry.slice(headAfter.length + 1));
  return found.filter((path) => sinceBase.has(path)).toSorted();
}
