import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { CommitSha } from "@millrace/contracts";
import type { Checkout, TreeObservation } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import type { Git } from "./git.js";
import { jobMarkers } from "./job-markers.js";
import { isInside, scopeFolder } from "./scope.logic.js";
import { localRefs } from "./prepare-checkout.js";
import type { Refs } from "./refs.js";
import { localPathOf } from "./remote-url.logic.js";
import { undeliverablePaths } from "./undeliverable.js";
import { commitAt, commitsBetween, isAncestor, readRemoteRefs } from "./refs.js";

/** Maximum number of entries in each list of an observation. */
const MAX_LISTED = 20;
const CONFLICT_MARKERS = "^(<<<<<<<|>>>>>>>)( |\\r?$)";

/** Compares a clone with its record after an agent worked in it. Only reads. */
export async function observeCheckout(git: Git, record: ReadyRecord, url: string, scope: string | null): Promise<TreeObservation> {
  const { checkout } = record;
  const branch = `refs/heads/${checkout.branch}`;
  const tip = await commitAt(git, branch);
  const headAfter = tip ?? checkout.head;
  const uncommitted = await changedFiles(git);
  const changed = await changedPaths(git, record, headAfter);
  const folder = scopeFolder(scope);
  const commits = await commitsBetween(git, [headAfter], [checkout.head]);
  const strays = [
    ...(tip === null ? [`${branch} deleted`] : []),
    ...(await strayHead(git, branch)),
    ...(await strayLocalRefs(git, record)),
    ...(await strayRemoteRefs(git, record, url)),
  ];
  return {
    headAfter,
    commits: commits.length,
    treeChanged: (await git.text(["rev-parse", `${checkout.head}^{tree}`])) !== (await git.text(["rev-parse", `${headAfter}^{tree}`])),
    uncommitted: uncommitted.slice(0, MAX_LISTED),
    rewritten: !(await isAncestor(git, checkout.head, headAfter)),
    foreignCommits: (await foreignCommits(git, record, commits)).slice(0, MAX_LISTED),
    strayRefs: strays.slice(0, MAX_LISTED),
    undeliverable: (await undeliverable(record, url, headAfter)).slice(0, MAX_LISTED),
    outsideScope:
      folder === null ? [] : [...new Set([...changed, ...uncommitted])].filter((path) => !isInside(folder, path)).slice(0, MAX_LISTED),
    conflictMarkers: (await conflictMarkers(git, checkout, headAfter, uncommitted)).slice(0, MAX_LISTED),
    containsBase: await isAncestor(git, checkout.baseHead, headAfter),
    mergeInProgress: (await commitAt(git, "MERGE_HEAD")) !== null,
  };
}

/** Changed and untracked files. A folder without tracked files is one entry that ends in `/`. */
async function changedFiles(git: Git): Promise<string[]> {
  return (await git.list(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=none"])).map(
    (entry) => entry.slice(3),
  );
}

/** Paths that the job changed. If the job was to merge the base, paths that equal the base are not counted. */
async function changedPaths(git: Git, { checkout, mergeBase }: ReadyRecord, headAfter: CommitSha): Promise<string[]> {
  const since = (commit: CommitSha) => git.list(["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, headAfter, "--"]);
  const changed = await since(checkout.head);
  if (!mergeBase || !(await isAncestor(git, checkout.baseHead, headAfter))) return changed;
  const againstBase = new Set(await since(checkout.baseHead));
  return changed.filter((path) => againstBase.has(path));
}

/** Changed paths with a filter, and work inside submodules. */
async function undeliverable({ checkout, mergeBase }: ReadyRecord, url: string, after: CommitSha): Promise<readonly string[]> {
  const remote = localPathOf(url);
  return undeliverablePaths({
    objects: [...(remote === null ? [] : [await objectsOf(remote)]), join(checkout.path, ".git", "objects")],
    base: checkout.baseHead,
    before: checkout.head,
    after,
    merged: mergeBase ? checkout.baseHead : null,
    folder: checkout.path,
  });
}

/** Object store of a repository, bare or with a `.git` folder. */
async function objectsOf(repository: string): Promise<string> {
  const below = join(repository, ".git", "objects");
  return (await stat(below).catch(() => null))?.isDirectory() === true ? below : join(repository, "objects");
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

/** HEAD, if it is not on the job's branch. */
async function strayHead(git: Git, branch: string): Promise<string[]> {
  const { stdout } = await git.run(["symbolic-ref", "--quiet", "HEAD"], { accept: [0, 1] });
  const at = stdout.trim();
  if (at === branch) return [];
  return [`HEAD ${at === "" ? "detached" : at} ${(await commitAt(git, "HEAD")) ?? "unborn"}`];
}

/** Refs of the clone, other than the job's branch, that were changed, made or deleted. */
async function strayLocalRefs(git: Git, { checkout, remoteRefs }: ReadyRecord): Promise<string[]> {
  const now = await localRefs(git);
  const names = [...new Set([...Object.keys(now), ...Object.keys(checkout.refs)])].filter(
    (name) => name !== `refs/heads/${checkout.branch}`,
  );
  return (
    names
      // A tag that equals the remote's came with a fetch.
      .filter((name) => now[name] !== checkout.refs[name] && now[name] !== remoteRefs[name])
      .map((name) => `${name} ${now[name] ?? "deleted"}`)
      .toSorted()
  );
}

/**
 * Refs of the remote that moved to a commit made in this clone. Other people move refs too, and a fetch brings their
 * commits here, so a commit counts as made here only if this clone's own refs or HEAD pointed at it.
 */
async function strayRemoteRefs(git: Git, { checkout, remoteRefs }: ReadyRecord, url: string): Promise<string[]> {
  const made = await commitsMadeHere(git, await localRefs(git), remoteRefs);
  if (made.size === 0) return [];
  const expected = new Set([`refs/heads/${checkout.branch}`, jobMarkers(checkout.key).pushed]);
  return Object.entries(await readRemoteRefs(url))
    .filter(([name, commit]) => !expected.has(name) && remoteRefs[name] !== commit && made.has(commit))
    .map(([name, commit]) => `remote ${name} ${commit}`);
}

/** Commits that the clone's refs or the reflog of HEAD point at and that the remote did not have. */
async function commitsMadeHere(git: Git, local: Refs, remoteRefs: Refs): Promise<ReadonlySet<CommitSha>> {
  const log = await git.run(["log", "--walk-reflogs", "--format=%H", "HEAD", "--"], { accept: [0, 128] });
  const pointedAt = new Set([...Object.values(local), ...log.stdout.split("\n").filter((line) => line !== "")]);
  const fresh = new Set(await commitsBetween(git, [...pointedAt], Object.values(remoteRefs)));
  return new Set([...pointedAt].filter((commit) => fresh.has(commit)));
}

/** Text files with conflict markers, committed or not, among those changed since the base. */
async function conflictMarkers(git: Git, checkout: Checkout, headAfter: CommitSha, uncommitted: readonly string[]): Promise<string[]> {
  const sinceBase = new Set(
    await git.list(["diff", "--name-only", "--no-renames", "--no-ext-diff", "--diff-filter=d", "-z", checkout.baseHead, headAfter, "--"]),
  );
  if (sinceBase.size === 0 && uncommitted.length === 0) return [];
  const grep = (...where: readonly string[]) =>
    git.list(["grep", "-l", "-z", "-I", "-E", "-e", CONFLICT_MARKERS, ...where], { accept: [0, 1] });
  const committed = (await grep(headAfter, "--")).map((entry) => entry.slice(headAfter.length + 1)).filter((path) => sinceBase.has(path));
  const pending =
    uncommitted.length === 0
      ? []
      : (await grep("--untracked", "--")).filter((path) =>
          uncommitted.some((entry) => entry === path || (entry.endsWith("/") && path.startsWith(entry))),
        );
  return [...new Set([...committed, ...pending])].toSorted();
}
