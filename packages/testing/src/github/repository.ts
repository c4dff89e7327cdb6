import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import type { FileChanges } from "./bare-repository.js";
import type { Outsiders } from "../forge/outsiders.js";
import { createOutsiders } from "./outsiders.js";
import { dequeue, landQueued } from "./merge-queue.js";
import type { Outcome } from "./moves.js";
import { noticeMoves } from "./moves.js";
import { CI_APP_ID } from "./shapes.js";
import type { CheckRecord, CommentRecord, Protection, PullRecord, RepositoryRecord, StatusRecord } from "./records.js";
import { fullName } from "./records.js";

type Conclusion = "success" | "failure" | "neutral" | "cancelled" | "skipped" | "timed_out" | "action_required" | "stale";

/** One repository of the stand-in: what other people and systems do to it. */
export interface GitHubRepository {
  readonly ref: RepositoryRef;
  /** Commits file changes to a branch; a new branch starts at `main`. Without changes: an empty commit. */
  commit(branch: string, files: FileChanges): Promise<CommitSha>;
  /** Commits to a branch that a file is executable. */
  makeExecutable(branch: string, path: string): Promise<CommitSha>;
  /** Force-pushes a branch to a commit. */
  point(branch: string, commit: CommitSha): Promise<void>;
  tip(branch: string): Promise<CommitSha | null>;
  parents(commit: CommitSha): Promise<readonly CommitSha[]>;
  message(commit: CommitSha): Promise<string>;
  files(commit: CommitSha): Promise<Readonly<Record<string, string>>>;
  /** Creates or updates a check run. A conclusion of null: it is in progress. */
  check(head: CommitSha, name: string, conclusion: Conclusion | null, more?: CheckReport): void;
  /** Sets a commit status. */
  status(head: CommitSha, context: string, state: StatusRecord["state"], more?: StatusReport): void;
  /** Runs a CI on every commit pushed from now on: `judge` returns the conclusion of each check by name. */
  runCi(judge: (files: Readonly<Record<string, string>>) => Readonly<Record<string, Conclusion>>, timing?: CiTiming): void;
  /** Configures the webhook that the API lists. Deliveries are recorded in any case. */
  hook(hook: { readonly active: boolean; readonly events: readonly string[] } | null): void;
  protect(branch: string, protection: Protection | null): void;
  /** Mergeability reads as unknown `reads` times after the head or the base moved. Default: 0. */
  delayMergeability(reads: number): void;
  /** An accepted branch update appears after `requests` more requests. Default: 0. */
  delayUpdates(requests: number): void;
  /** A pull request that its base contains counts as merged after `requests` more requests. Default: 0. */
  delayNotice(requests: number): void;
  /** A push shows in its pull request after `requests` more requests. Default: 0. */
  delayHeads(requests: number): void;
  readonly pulls: readonly Readonly<PullRecord>[];
  comments(number: number): readonly CommentRecord[];
  /** The merge queue lands a pull request. Returns the merge commit. */
  landQueued(number: number): Promise<CommitSha>;
  /** Removes a pull request from the merge queue, with GitHub's reason. */
  dropQueued(number: number, reason: string): void;
  /** Marks a queued pull request as being merged: it can no longer be removed. */
  lockQueued(number: number): void;
  /** Closes a pull request without merging it. */
  close(number: number): void;
  /** What other people, and GitHub's own ways, do to the repository. */
  readonly outsiders: Outsiders;
}

/** Who reports a check, and with what. */
export interface CheckReport {
  readonly summary?: string;
  /** Id of the reporting App. Default: that of the CI. */
  readonly app?: number;
  /** Check suite: each has a run of its own for a name. Default: 1. */
  readonly suite?: number;
}

/** Who sets a status, and with what. */
export interface StatusReport {
  readonly description?: string;
  /** Id of the App that sets it. Default: a person. */
  readonly app?: number;
}

/** Duration of a CI, measured in requests to the repository. */
export interface CiTiming {
  /** Requests until its checks are registered. Default: 1. */
  readonly registers?: number;
  /** Requests from then until they are completed. Default: 1. */
  readonly finishes?: number;
}

export interface RepositoryParts {
  readonly outcome: Outcome;
  readonly nextId: () => number;
  readonly files: Readonly<Record<string, string>>;
}

export async function createRepository(record: RepositoryRecord, { outcome, nextId, files }: RepositoryParts): Promise<GitHubRepository> {
  const { git } = record;
  const moving = async (act: () => Promise<unknown>): Promise<void> => {
    const before = await git.refs();
    await act();
    await noticeMoves(record, before, outcome);
  };
  const pullOf = (number: number): PullRecord => {
    const pull = record.pulls.find((one) => one.number === number);
    if (pull === undefined) throw new RangeError(`there is no pull request ${String(number)}`);
    return pull;
  };
  const branchesOf = (head: CommitSha): string => record.pulls.find((pull) => pull.head === head)?.branch ?? "";
  const check: GitHubRepository["check"] = (head, name, conclusion, { summary, app = CI_APP_ID, suite = 1 } = {}) => {
    const known = record.checks.get(head) ?? [];
    const before = known.find((one) => one.name === name && one.app === app && one.suite === suite);
    const one: CheckRecord = {
      id: before?.id ?? nextId(),
      name,
      app,
      suite,
      status: conclusion === null ? "in_progress" : "completed",
      conclusion,
      summary: summary ?? null,
      completedAt: conclusion === null ? null : outcome.now(),
    };
    record.checks.set(head, before === undefined ? [...known, one] : known.map((other) => (other === before ? one : other)));
    const action = conclusion === null ? "created" : "completed";
    outcome.emit("check_run", action, record, null, { head, name, branch: branchesOf(head) });
  };
  const outsiders = createOutsiders(record, { outcome, pullOf });
  await git.setRef("main", await git.commitFiles(null, files, "First commit"), null);
  return {
    ref: { forge: "github", id: fullName(record), base: "main" },
    async commit(branch, changes) {
      const tip = await git.tip(branch);
      const parent = tip ?? (await git.tip("main"));
      const made = await git.commitFiles(parent, changes, `Change ${branch}: ${Object.keys(changes).join(", ")}`);
      await moving(() => git.setRef(branch, made, tip));
      return made;
    },
    async makeExecutable(branch, path) {
      const tip = await git.tip(branch);
      const made = await git.commitFiles(tip, {}, `Make ${path} executable`, [path]);
      await moving(() => git.setRef(branch, made, tip));
      return made;
    },
    point: (branch, commit) => moving(() => git.git("update-ref", `refs/heads/${branch}`, commit)),
    tip: (branch) => git.tip(branch),
    parents: async (commit) => (await git.facts(commit)).parents,
    message: async (commit) => (await git.facts(commit)).message,
    files: (commit) => git.files(commit),
    check,
    runCi(judge, { registers = 1, finishes = 1 } = {}) {
      const later = (readsLeft: number, work: () => Promise<void>): void => void record.background.push({ readsLeft, work });
      record.ci = (head) =>
        later(registers, async () => {
          const verdicts = Object.entries(judge(await git.files(head)));
          for (const [name] of verdicts) check(head, name, null);
          later(finishes, async () => {
            for (const [name, conclusion] of verdicts) check(head, name, conclusion);
          });
        });
    },
    status(head, context, state, { description, app } = {}) {
      const known = (record.statuses.get(head) ?? []).filter((one) => one.context !== context);
      record.statuses.set(head, [
        ...known,
        { id: nextId(), context, app: app ?? null, state, description: description ?? null, updatedAt: outcome.now() },
      ]);
      outcome.emit("status", null, record, null, { head, name: context, branch: branchesOf(head) });
    },
    protect(branch, protection) {
      if (protection === null) record.protections.delete(branch);
      else record.protections.set(branch, protection);
    },
    hook(hook) {
      record.hook = hook === null ? null : { url: "https://millrace.example/github/webhooks", ...hook };
    },
    delayMergeability(reads) {
      record.mergeableAfter = reads;
    },
    delayUpdates(requests) {
      record.updateAfter = requests;
    },
    delayNotice(requests) {
      record.noticeAfter = requests;
    },
    delayHeads(requests) {
      record.showAfter = requests;
    },
    pulls: record.pulls,
    comments: (number) => record.comments.get(number) ?? [],
    landQueued: (number) => landQueued(record, pullOf(number), outcome),
    dropQueued: (number, reason) => void dequeue(record, pullOf(number), reason, outcome),
    lockQueued(number) {
      pullOf(number).queue.isLocked = true;
    },
    close(number) {
      const pull = record.pulls.find((one) => one.number === number);
      if (pull !== undefined) pull.state = "closed";
    },
    outsiders,
  };
}
