import type { CommitSha } from "@millrace/contracts";
import type { Checkout, TreeObservation } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import type { Git } from "./git.js";
import { jobMarkers } from "./job-markers.js";
import { isInside, scopeFolder } from "./scope.logic.js";
import { localRefs } from "./prepare-checkout.js";
import type { Refs } from "./refs.js";
import { commitAt, commitsBetween, isAncestor, readRemoteRefs } from "./refs.js";

const MOST = 20;
const MARKERS = "^(<<<<<<<|>>>>>>>)( |\\r?$)";

/** Looks at a clone after an agent worked in it. Reads only. */
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
    uncommitted: uncommitted.slice(0, MOST),
    rewritten: !(await isAncestor(git, checkout.head, headAfter)),
    foreignCommits: (await foreignCommits(git, record, commits)).slice(0, MOST),
    strayRefs: strays.slice(0, MOST),
    outsideScope:
      folder === null ? [] : [...new Set([...changed, ...uncommitted])].filter((path) => !isInside(folder, path)).slice(0, MOST),
    conflictMarkers: (await conflictMarkers(git, checkout, headAfter, uncommitted)).slice(0, MOST),
    containsBase: await isAncestor(git, checkout.baseHead, headAfter),
    mergeInProgress: (await commitAt(git, "MERGE_HEAD")) !== null,
  };
}

/** Changed and untracked files; a wholly untracked folder is one entry that ends in `/`. */
async function changedFiles(git: Git): Promise<string[]> {
  return (await git.list(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=none"])).map(
    (entry) => entry.slice(3),
  );
}

/** Paths the job changed. Where the base was merged on purpose, what came with it unchanged is not the job's. */
async function changedPaths(git: Git, { checkout, mergeBase }: ReadyRecord, headAfter: CommitSha): Promise<string[]> {
  const since = (commit: CommitSha) => git.list(["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, headAfter, "--"]);
  const changed = await since(checkout.head);
  if (!mergeBase || !(await isAncestor(git, checkout.baseHead, headAfter))) return changed;
  const againstBase = new Set(await since(checkout.baseHead));
  return changed.filter((path) => againstBase.has(path));
}

/** New commits that the remote had before the job: someone else's work handed in as one's own. */
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

async function strayHead(git: Git, branch: string): Promise<string[]> {
  const { stdout } = await git.run(["symbolic-ref", "--quiet", "HEAD"], { accept: [0, 1] });
  const at = stdout.trim();
  if (at === branch) return [];
  return [`HEAD ${at === "" ? "detached" : at} ${(await commitAt(git, "HEAD")) ?? "unborn"}`];
}

async function strayLocalRefs(git: Git, { checkout, remoteRefs }: ReadyRecord): Promise<string[]> {
  const now = await localRefs(git);
  const names = [...new Set([...Object.keys(now), ...Object.keys(checkout.refs)])].filter(
    (name) => name !== `refs/heads/${checkout.branch}`,
  );
  return (
    names
      // A tag that came with a fetch is the remote's.
      .filter((name) => now[name] !== checkout.refs[name] && now[name] !== remoteRefs[name])
      .map((name) => `${name} ${now[name] ?? "deleted"}`)
      .toSorted()
  );
}

/**
 * Refs of the remote that moved to a commit made in this clone. Other people move refs too, and a fetch brings their
 * commits here; so a commit counts as made here only when this clone's own refs or HEAD pointed at it.
 */
async function strayRemoteRefs(git: Git, { checkout, remoteRefs }: ReadyRecord, url: string): Promise<string[]> {
  const made = await madeHere(git, await localRefs(git), remoteRefs);
  if (made.size === 0) return [];
  const expected = new Set([`refs/heads/${checkout.branch}`, jobMarkers(checkout.key).pushed]);
  return Object.entries(await readRemoteRefs(url))
    .filter(([name, commit]) => !expected.has(name) && remoteRefs[name] !== commit && made.has(commit))
    .map(([name, commit]) => `remote ${name} ${commit}`);
}

async function madeHere(git: Git, local: Refs, remoteRefs: Refs): Promise<ReadonlySet<CommitSha>> {
  const log = await git.run(["log", "--walk-reflogs", "--format=%H", "HEAD", "--"], { accept: [0, 128] });
  const pointedAt = new Set([...Object.values(local), ...log.stdout.split("\n").filter((line) => line !== "")]);
  const unknown = new Set(await commitsBetween(git, [...pointedAt], Object.values(remoteRefs)));
  return new Set([...pointedAt].filter((commit) => unknown.has(commit)));
}

/** Text files changed since the base that still have conflict markers, committed or not. */
async function conflictMarkers(git: Git, checkout: Checkout, headAfter: CommitSha, uncommitted: readonly string[]): Promise<string[]> {
  const sinceBase = new Set(
    await git.list(["diff", "--name-only", "--no-renames", "--no-ext-diff", "--diff-filter=d", "-z", checkout.baseHead, headAfter, "--"]),
  );
  if (sinceBase.size === 0 && uncommitted.length === 0) return [];
  const grep = (...where: readonly string[]) => git.list(["grep", "-l", "-z", "-I", "-E", "-e", MARKERS, ...where], { accept: [0, 1] });
  const committed = (await grep(headAfter, "--")).map((entry) => entry.slice(headAfter.length + 1)).filter((path) => sinceBase.has(path));
  const pending =
    uncommitted.length === 0
      ? []
      : (await grep("--untracked", "--")).filter((path) =>
          uncommitted.some((entry) => entry === path || (entry.endsWith("/") && path.startsWith(entry))),
        );
  return [...new Set([...committed, ...pending])].toSorted();
}
