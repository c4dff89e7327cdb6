import type { CommitSha } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import type { Git } from "./git.js";
import { jobMarkers, readMarkers } from "./job-markers.js";
import type { Refs } from "./refs.js";
import { commitAt, commitsBetween, isAncestor, readRemoteRefs } from "./refs.js";
import { trialMerge } from "./merge-tree.js";
import { RECEIVED } from "./quarantine.js";
import { localPathOf, protocolOf } from "./remote-url.logic.js";
import { clearStaleLocks } from "./stale-locks.js";

/** Result of `Worktrees.push`. */
export type PushResult =
  | { readonly is: "pushed"; readonly head: CommitSha }
  /** Pushed as a merge of the clone's head with what others pushed meanwhile. */
  | { readonly is: "merged"; readonly head: CommitSha }
  | { readonly is: "rejected"; readonly remoteHead: CommitSha | null };

const PUSH_TIMEOUT_MS = 10 * 60_000;

/** A push that was refused because the branch moved is sent again on the new state, once. */
const SENDS = 2;

/**
 * Pushes what was received as the branch, and the job's markers, atomically, with `--force-with-lease` on the values read before. If the push
 * fails, the remote is read again, because only its answer may have been lost. A branch that others moved forward
 * meanwhile is merged in when it merges cleanly; work that is not the job's own is never replaced.
 */
export async function pushCheckout(git: Git, record: ReadyRecord, url: string): Promise<PushResult> {
  const { checkout } = record;
  const branch = `refs/heads/${checkout.branch}`;
  const markers = jobMarkers(checkout.key);
  const readRemote = () => readRemoteRefs(url, branch, markers.pushed, markers.start, markers.base);
  let before = await readRemote();
  for (let sends = 1; ; sends += 1) {
    const done = readMarkers(markers, before);
    if (done !== null) return asPushed(git, done.pushed);
    const remote = before[branch] ?? null;
    const head = await headOnto(git, record, remote, url);
    if (head === null) return { is: "rejected", remoteHead: remote };
    const updates: Refs = { [branch]: head, [markers.pushed]: head, [markers.start]: checkout.head, [markers.base]: checkout.baseHead };
    const code = await send(git, url, updates, before);
    if (code === 0) return asPushed(git, head);
    const after = await readRemote();
    const landed = readMarkers(markers, after);
    if (landed !== null) return asPushed(git, landed.pushed);
    if (after[branch] === before[branch])
      throw new MillraceError("git_failed", `the repository refused the push of '${checkout.branch}'`, {
        fix: "Look at the repository's own rules and hooks for that branch.",
        details: { command: "git push", exitCode: code },
      });
    if (sends === SENDS) return { is: "rejected", remoteHead: after[branch] ?? null };
    before = after;
  }
}

/** `merged` only for the very merge that `headOnto` makes: a marker that an agent set names any commit. */
async function asPushed(git: Git, head: CommitSha): Promise<PushResult> {
  const own = await commitAt(git, RECEIVED);
  if (own === null || own === head || (await commitAt(git, head)) === null) return { is: "pushed", head };
  const [, first, second, ...more] = (await git.text(["rev-list", "--parents", "--max-count=1", head])).split(" ");
  if (first !== own || second === undefined || more.length > 0) return { is: "pushed", head };
  const merge = await trialMerge(git, own, second);
  const isTheMerge = merge.is === "clean" && merge.tree === (await git.text(["rev-parse", `${head}^{tree}`]));
  return { is: isTheMerge ? "merged" : "pushed", head };
}

/** Sets every ref, if each still is as it was read. Returns git's exit code: 0 or 1. */
async function send(git: Git, url: string, updates: Refs, before: Refs): Promise<number> {
  const leases = Object.keys(updates).map((name) => `--force-with-lease=${name}:${before[name] ?? ""}`);
  const refspecs = Object.entries(updates).map(([name, commit]) => `${commit}:${name}`);
  const args = [
    "push",
    "--quiet",
    "--atomic",
    "--no-verify",
    "--no-follow-tags",
    "--recurse-submodules=no",
    ...leases,
    "--",
    url,
    ...refspecs,
  ];
  const push = async () => (await git.run(args, { accept: [0, 1], protocols: [protocolOf(url)], timeoutMs: PUSH_TIMEOUT_MS })).code;
  const code = await push();
  const path = localPathOf(url);
  return code !== 0 && path !== null && (await clearStaleLocks(path)) > 0 ? push() : code;
}

/**
 * The commit to push onto the remote's branch: the job's own head, merged with what others pushed to the branch since the job began.
 * Null when the branch was rewritten, or when both changed the same lines.
 */
async function headOnto(git: Git, record: ReadyRecord, remote: CommitSha | null, url: string): Promise<CommitSha | null> {
  const { branch: name, path } = record.checkout;
  const branch = `refs/heads/${name}`;
  const own = await commitAt(git, RECEIVED);
  if (own === null) throw new MillraceError("conflict", `nothing was received from the clone '${path}' yet`, { fix: "Observe it first." });
  if (await mayReplace(git, record, remote, own)) return own;
  const start = record.remoteRefs[branch];
  if (remote === null || start === undefined) return null;
  await git.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--", url, branch], {
    protocols: [protocolOf(url)],
    timeoutMs: PUSH_TIMEOUT_MS,
  });
  for (const side of [own, remote]) if (!(await isAncestor(git, start, side))) return null;
  if (await isAncestor(git, remote, own)) return own;
  const merge = await trialMerge(git, own, remote);
  if (merge.is === "conflicted") return null;
  return git.text(["commit-tree", merge.tree, "-p", own, "-p", remote, "-m", `Merge what was pushed to ${name} meanwhile`]);
}

/** True if the remote's branch is where the job found it, or at a commit of this job that the agent pushed itself. */
async function mayReplace(git: Git, { checkout, remoteRefs }: ReadyRecord, remote: CommitSha | null, head: CommitSha): Promise<boolean> {
  const atStart = remoteRefs[`refs/heads/${checkout.branch}`] ?? null;
  if (remote === atStart) return true;
  return remote !== null && (await commitsBetween(git, [head], Object.values(remoteRefs))).includes(remote);
}
