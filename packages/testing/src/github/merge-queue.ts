/**
 * Merge queue of a base branch: it takes pull requests, tests each on top of those before it, and lands or drops it. A test decides
 * when, and which of the two.
 */
import { land, noticeMoves, type Outcome } from "./moves.js";
import { mergeableOf, missingChecks } from "./mergeable.js";
import type { PullRecord, RepositoryRecord } from "./records.js";

/** Enqueues a pull request. Returns the reason of a refusal; null when it is queued. */
export async function enqueue(record: RepositoryRecord, pull: PullRecord, head: string, outcome: Outcome): Promise<string | null> {
  if (record.protections.get(pull.base)?.mergeQueue !== true) return "The merge queue is not enabled for this branch";
  if (pull.state !== "open") return "Pull request is not open";
  if (pull.queue.since !== null) return "Pull request is already in the queue";
  if (pull.head !== head) return "Expected head oid does not match the current head";
  if ((await mergeableOf(record, pull)) !== true) return "Pull request is not mergeable";
  const missing = missingChecks(record, pull);
  if (missing.length > 0) return `Required status check "${missing.join('", "')}" is expected.`;
  record.lastQueued += 1;
  pull.queue.since = record.lastQueued;
  pull.queue.past.push({ is: "added", at: outcome.now(), reason: null });
  outcome.emit("pull_request", "enqueued", record, pull, {});
  return null;
}

/** Removes a pull request from the queue. Returns the reason of a refusal; null when it is removed. */
export function dequeue(record: RepositoryRecord, pull: PullRecord, reason: string, outcome: Outcome): string | null {
  if (pull.queue.since === null) return "Pull request is not in the queue";
  if (pull.queue.isLocked) return "Pull request is being merged";
  pull.queue.since = null;
  pull.queue.past.push({ is: "removed", at: outcome.now(), reason });
  outcome.emit("pull_request", "dequeued", record, pull, {});
  return null;
}

/** Merges a queued pull request onto the current base, which is the combination that the queue has tested. */
export async function landQueued(record: RepositoryRecord, pull: PullRecord, outcome: Outcome): Promise<string> {
  const base = await record.git.tip(pull.base);
  const trial = base === null ? { clean: false as const } : await record.git.trialMerge(base, pull.head);
  if (pull.queue.since === null || base === null || !trial.clean) throw new Error(`#${String(pull.number)} cannot land from the queue`);
  const message = `Merge pull request #${String(pull.number)} from ${record.owner}/${pull.branch}`;
  const commit = await record.git.commitTree(trial.tree, [base, pull.head], message);
  const before = await record.git.refs();
  await record.git.setRef(pull.base, commit, base);
  pull.queue.isLocked = false;
  dequeue(record, pull, "MERGE", outcome);
  land(record, pull, commit, outcome);
  await noticeMoves(record, before, outcome);
  return commit;
}
