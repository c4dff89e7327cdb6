import type { CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import type { Clock, CommandRunner, Forge, PullRequestLedger, PullRequestState, StoredPullRequest } from "@millrace/kernel";
import { MillraceError, digestJson } from "@millrace/kernel";
import { commitAt, isAncestor } from "../git/refs.js";
import { createLocalChecks } from "./checks.js";
import { diffDigest } from "./diff-digest.js";
import { reconcile } from "./reconcile.js";
import type { LocalGitRepository, OpenRepository, BranchTips } from "./local-repository.js";
import { openRepository, readTips } from "./local-repository.js";
import { mergeOf, mergePull, updatePull } from "./merge.js";
import { trialMerge } from "../git/merge-tree.js";

/** Options of `createLocalGitForge`. */
export interface LocalGitForgeOptions {
  /** Where pull requests and check results are stored. */
  readonly ledger: PullRequestLedger;
  /** Runs the commands of checks; any isolation is its task. */
  readonly commands: CommandRunner;
  readonly clock: Clock;
  /** Repositories outside this folder are refused. Default: any folder. */
  readonly root?: string;
  /** Settings of a repository; null if there is none with that id. */
  repositories(id: string): Promise<LocalGitRepository | null>;
  /** Folder for the checkouts that checks run in. All processes that share the ledger must share it. */
  readonly checksRoot: string;
  /** Number of check commands that run at the same time. Default 2. */
  readonly concurrency?: number;
  /** Called after a check's outcome was recorded, so that runs waiting for it can be woken. */
  readonly onCheckCompleted?: (repository: RepositoryRef, head: CommitSha) => void;
}

const NAME = "local-git";

/**
 * Creates a forge on bare git repositories of this machine: pull requests are records in the ledger, checks are
 * commands in clean checkouts. It needs no network. It does not watch branches, delete them after a merge, or protect
 * them from a direct push.
 *
 * Its methods also reject with `path_outside` or `config_invalid` if the settings of a repository are invalid.
 * Disposing it stops running checks; the next read of the commit's checks runs them again.
 */
export function createLocalGitForge(options: LocalGitForgeOptions): Forge & AsyncDisposable {
  const { ledger, clock } = options;
  const checks = createLocalChecks({
    ...options,
    concurrency: options.concurrency ?? 2,
    onCompleted: (repository, head) => options.onCheckCompleted?.(repository, head),
  });
  const open = (repository: RepositoryRef) => openRepository(options, repository);
  const openPullOf = async (repository: OpenRepository, branch: string): Promise<StoredPullRequest | null> => {
    const stored = await ledger.findOpen(repository.ref.id, branch, repository.ref.base);
    if (stored === null) return null;
    const pull = await reconcile(ledger, repository, stored, await readTips(repository.git, stored.branch, stored.base));
    return pull.state === "open" ? pull : null;
  };
  return {
    name: NAME,
    async findPullRequest(repository, branch) {
      const pull = await openPullOf(await open(repository), branch);
      return pull === null ? null : refOf(pull);
    },
    async findMerged(repository, branch) {
      const opened = await open(repository);
      // One that was merged by hand is open in the ledger until it is looked at.
      await openPullOf(opened, branch);
      const pull = await ledger.findMerged(repository.id, branch, repository.base);
      return pull === null ? null : { pullRequest: refOf(pull), ...mergeOf(pull) };
    },
    async openPullRequest(repository, { branch, title, body }) {
      const opened = await open(repository);
      const existing = await openPullOf(opened, branch);
      if (existing !== null) return refOf(existing);
      const { head: openedHead, baseHead: openedBase } = await requireWork(opened, branch);
      const request = { repository: repository.id, branch, base: repository.base, title, body };
      return refOf(await ledger.open({ ...request, openedHead, openedBase, createdAt: clock.now() }));
    },
    async read(repository, pullRequest) {
      const opened = await open(repository);
      const stored = await requirePull(ledger, repository, pullRequest);
      const tips = await readTips(opened.git, stored.branch, stored.base);
      return stateOf(opened, await reconcile(ledger, opened, stored, tips), tips);
    },
    async checks(repository, head) {
      const opened = await open(repository);
      await requireCommit(opened, head);
      return checks.read(opened, head);
    },
    async diffDigest(repository, range) {
      const opened = await open(repository);
      for (const commit of [range.base, range.head]) await requireCommit(opened, commit);
      return diffDigest(opened.git, range);
    },
    async updateBranch(repository, pullRequest, head) {
      const opened = await open(repository);
      const stored = await requirePull(ledger, repository, pullRequest);
      const pull = await reconcile(ledger, opened, stored, await readTips(opened.git, stored.branch, stored.base));
      if (pull.state !== "open")
        throw refusal(opened, `pull request ${String(pull.number)} is ${pull.state}`, "Open a new pull request for further work.");
      return updatePull(opened, pull, head, clock.now());
    },
    // A merge happens within its call or not at all, so there is nothing to withdraw.
    withdraw: () => Promise.resolve(),
    async merge(repository, pullRequest, expected, message) {
      const opened = await open(repository);
      return mergePull(ledger, opened, await requirePull(ledger, repository, pullRequest), { expected, message, now: clock.now() });
    },
    [Symbol.asyncDispose]: () => checks[Symbol.asyncDispose](),
  };
}

async function stateOf(opened: OpenRepository, pull: StoredPullRequest, tips: BranchTips): Promise<PullRequestState> {
  const { baseHead } = tips;
  if (baseHead === null) throw refusal(opened, `the base branch '${pull.base}' is gone`, "Create it again.");
  // The head of a merged pull request is the merged commit, as on every forge, even if the branch moved since.
  const head = pull.mergedHead ?? tips.head;
  if (head === null)
    throw refusal(opened, `the branch '${pull.branch}' of pull request ${String(pull.number)} is gone`, "Push the branch again.");
  const rest = {
    state: pull.state,
    base: pull.base,
    headBranch: pull.branch,
    headRepository: pull.repository,
    ownQueue: false,
    checkSettings: await digestJson(opened.checks.map(({ name, argv, timeoutMs, env }) => ({ name, argv, timeoutMs, env: env ?? {} }))),
    head,
    baseHead,
    mergedAs: pull.mergedAs,
    mergedBase: pull.mergedBase,
  };
  if (pull.state === "merged") return { ...rest, behind: false, mergeability: "unknown", conflicts: [] };
  if (await isAncestor(opened.git, baseHead, head)) return { ...rest, behind: false, mergeability: "clean", conflicts: [] };
  const trial = await trialMerge(opened.git, head, baseHead);
  return trial.is === "clean"
    ? { ...rest, behind: true, mergeability: "clean", conflicts: [] }
    : { ...rest, behind: true, mergeability: "conflicted", conflicts: trial.files };
}

async function requireCommit(opened: OpenRepository, commit: CommitSha): Promise<void> {
  if ((await commitAt(opened.git, commit)) !== commit)
    throw refusal(opened, `the repository '${opened.ref.id}' has no commit ${commit}`, "Push the commit first.");
}

/** A pull request needs a branch with commits that its base does not have. */
async function requireWork(opened: OpenRepository, branch: string): Promise<BranchTips> {
  const tips = await readTips(opened.git, branch, opened.ref.base);
  const { head, baseHead } = tips;
  if (baseHead === null) throw refusal(opened, `there is no base branch '${opened.ref.base}'`, "Correct the repository's base branch.");
  if (head === null) throw refusal(opened, `there is no branch '${branch}'`, "Push the branch first.");
  if (await isAncestor(opened.git, head, baseHead))
    throw refusal(opened, `the branch '${branch}' has no commits that '${opened.ref.base}' does not have`, "Push the work first.");
  return tips;
}

async function requirePull(ledger: PullRequestLedger, repository: RepositoryRef, { number }: PullRequestRef): Promise<StoredPullRequest> {
  const found = await ledger.find(repository.id, number);
  if (found !== null) return found;
  throw new MillraceError("forge_refused", `repository '${repository.id}' has no pull request ${String(number)}`, {
    details: { repository: repository.id, number },
  });
}

function refOf({ repository, number, branch, base }: StoredPullRequest): PullRequestRef {
  return { id: String(number), number, url: `${NAME}:${repository}#${String(number)}`, branch, base };
}

function refusal({ ref }: OpenRepository, message: string, fix: string): MillraceError {
  return new MillraceError("forge_refused", message, { fix, details: { repository: ref.id } });
}
