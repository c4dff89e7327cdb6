import type { CommitSha } from "@millrace/contracts";
import type { Checkout } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import type { ReadyRecord } from "./checkout-record.js";
import type { Git } from "./git.js";
import { jobMarkers, readMarkers } from "./job-markers.js";
import type { Refs } from "./refs.js";
import { commitAt, commitsBetween, readRemoteRefs } from "./refs.js";
import { localPathOf, protocolOf } from "./remote-url.logic.js";
import { clearStaleLocks } from "./stale-locks.js";

/** Result of `Worktrees.push`. */
export type PushResult =
  | { readonly is: "pushed"; readonly head: CommitSha }
  | { readonly is: "rejected"; readonly remoteHead: CommitSha | null };

const PUSH_TIMEOUT_MS = 10 * 60_000;

/**
 * Pushes the branch and the job's markers atomically, with `--force-with-lease` on the values read before. If the push
 * fails, the remote is read again, because only its answer may have been lost.
 */
export async function pushCheckout(git: Git, record: ReadyRecord, url: string): Promise<PushResult> {
  const { checkout } = record;
  const branch = `refs/heads/${checkout.branch}`;
  const markers = jobMarkers(checkout.key);
  const readRemote = () => readRemoteRefs(url, branch, markers.pushed, markers.start, markers.base);
  const before = await readRemote();
  const done = readMarkers(markers, before);
  if (done !== null) return { is: "pushed", head: done.pushed };
  const head = await commitAt(git, branch);
  if (head === null)
    throw new MillraceError("git_failed", `the branch '${checkout.branch}' is gone from the clone '${checkout.path}'`, {
      details: { command: "git push", exitCode: null },
    });
  if (!(await mayReplace(git, record, before[branch] ?? null, head))) return { is: "rejected", remoteHead: before[branch] ?? null };
  const updates: Refs = { [branch]: head, [markers.pushed]: head, [markers.start]: checkout.head, [markers.base]: checkout.baseHead };
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
  const push = async () => (await git.run(args, { accept: [0, 1], protocols: [protocolOf(url)], timeoutMs: PUSH_TIMEOUT_MS })).code === 0;
  if (await push()) return { is: "pushed", head };
  const path = localPathOf(url);
  if (path !== null && (await clearStaleLocks(path)) > 0 && (await push())) return { is: "pushed", head };
  const after = await readRemote();
  const landed = readMarkers(markers, after);
  if (landed !== null) return { is: "pushed", head: landed.pushed };
  if (after[branch] !== before[branch]) return { is: "rejected", remoteHead: after[branch] ?? null };
  throw new MillraceError("git_failed", `the repository refused the push of '${checkout.branch}'`, {
    fix: "Look at the repository's own rules and hooks for that branch.",
    details: { command: "git push", exitCode: 1 },
  });
}

/** True if the remote's branch is where the job found it, or at a commit of this job that the agent pushed itself. */
async function mayReplace(git: Git, { checkout, remoteRefs }: ReadyRecord, remote: CommitSha | null, head: CommitSha): Promise<boolean> {
  const atStart = remoteRefs[`refs/heads/${checkout.branch}`] ?? null;
  if (remote === atStart) return true;
  return remote !== null && (await commitsBetween(git, [head], Object.values(remoteRefs))).includes(remote);
}

/**
 * Commits every changed and untracked file on the checkout's branch. Null if there was nothing to commit.
 * @throws MillraceError `conflict` if HEAD is not on that branch.
 */
export async function commitAll(git: Git, checkout: Checkout, message: string): Promise<CommitSha | null> {
  const { stdout } = await git.run(["symbolic-ref", "--quiet", "HEAD"], { accept: [0, 1] });
  if (stdout.trim() !== `refs/heads/${checkout.branch}`) {
    throw new MillraceError("conflict", `the clone '${checkout.path}' is on '${stdout.trim()}', not on '${checkout.branch}'`, {
      fix: "The agent left its branch; start the job again.",
    });
  }
  await git.run(["add", "--all", "--", "."]);
  const merging = (await commitAt(git, "MERGE_HEAD")) !== null;
  if (!merging && (await git.ask(["diff", "--cached", "--quiet", "--no-ext-diff", "--ignore-submodules=none"]))) return null;
  await git.run(["commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--allow-empty-message", "--file=-"], { input: message });
  return commitAt(git, "HEAD");
}
