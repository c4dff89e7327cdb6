import type { CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import type { Clock, CommandRunner, Forge, PullRequestLedger, PullRequestState, StoredPullRequest } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { commitAt, isAncestor } from "../git/refs.js";
import { createLocalChecks } from "./checks.js";
import { settle } from "./reconcile.js";
import type { LocalGitRepository, OpenRepository, Tips } from "./local-repository.js";
import { openRepository, readTips } from "./local-repository.js";
import { mergePull, updatePull } from "./merge.js";
import { trialMerge } from "./merge-tree.js";

export interface LocalGitForgeOptions {
  readonly ledger: PullRequestLedger;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  /** Repositories outside this folder are refused. Default: any folder. */
  readonly root?: string;
  /** Null when there is no repository of that id. */
  repositories(id: string): Promise<LocalGitRepository | null>;
  /** Folder for the checkouts that checks run in; all processes that share the ledger must share it. */
  readonly checksRoot: string;
  /** Check commands that run at the same time. Default 2. */
  readonly concurrency?: number;
  /** Called after a check's outcome was recorded: somebody waiting for it may look now. */
  readonly onCheckSettled?: (repository: RepositoryRef, head: CommitSha) => void;
}

const NAME = "local-git";

/**
 * A forge made of bare git repositories on this machine: pull requests in the ledger, checks as commands in clean checkouts.
 * It needs no network. It does not watch branches, delete them after a merge, or protect them from a direct push.
 *
 * Disposing it stops running checks; they are run again when somebody asks for them.
 */
export function createLocalGitForge(options: LocalGitForgeOptions): Forge & AsyncDisposable {
  const { ledger, clock } = options;
  const checks = createLocalChecks({
    ...options,
    concurrency: options.concurrency ?? 2,
    onSettled: (repository, head) => options.onCheckSettled?.(repository, head),
  });
  const open = (repository: RepositoryRef) => openRepository(options, repository);
  const openPullOf = async (repository: OpenRepository, branch: string): Promise<StoredPullRequest | null> => {
    const stored = await ledger.findOpen(repository.ref.id, branch);
    if (stored === null) return null;
    const pull = await settle(ledger, repository, stored, await readTips(repository.git, stored.branch, stored.base));
    return pull.state === "open" ? pull : null;
  };
  return {
    name: NAME,
    async findPullRequest(repository, branch) {
      const pull = await openPullOf(await open(repository), branch);
      return pull === null ? null : refOf(pull);
    },
    async openPullRequest(repository, { branch, title, body }) {
      const at = await open(repository);
      const existing = await openPullOf(at, branch);
      if (existing !== null) return refOf(existing);
      await requireWork(at, branch);
      return refOf(await ledger.open({ repository: repository.id, branch, base: repository.base, title, body, createdAt: clock.now() }));
    },
    async read(repository, pullRequest) {
      const at = await open(repository);
      const stored = await requirePull(ledger, repository, pullRequest);
      const tips = await readTips(at.git, stored.branch, stored.base);
      return stateOf(at, await settle(ledger, at, stored, tips), tips);
    },
    async checks(repository, head) {
      const at = await open(repository);
      if ((await commitAt(at.git, head)) !== head)
        throw refusal(at, `the repository '${repository.id}' has no commit ${head}`, "Push the commit first.");
      return checks.read(at, head);
    },
    async updateBranch(repository, pullRequest, head) {
      const at = await open(repository);
      const stored = await requirePull(ledger, repository, pullRequest);
      const pull = await settle(ledger, at, stored, await readTips(at.git, stored.branch, stored.base));
      if (pull.state !== "open")
        throw refusal(at, `pull request ${String(pull.number)} is ${pull.state}`, "Open a new pull request for further work.");
      return updatePull(at, pull, head, clock.now());
    },
    // A merge lands within its call, or not at all.
    withdraw: () => Promise.resolve(),
    async merge(repository, pullRequest, expected, message) {
      const at = await open(repository);
      return mergePull(ledger, at, await requirePull(ledger, repository, pullRequest), { expected, message, now: clock.now() });
    },
    [Symbol.asyncDispose]: () => checks[Symbol.asyncDispose](),
  };
}

async function stateOf(at: OpenRepository, pull: StoredPullRequest, tips: Tips): Promise<PullRequestState> {
  const { baseHead } = tips;
  if (baseHead === null) throw refusal(at, `the base branch '${pull.base}' is gone`, "Create it again.");
  // Like on every forge, the head of a merged pull request is what was merged, whatever the branch does afterwards.
  const head = pull.mergedHead ?? tips.head;
  if (head === null)
    throw refusal(at, `the branch '${pull.branch}' of pull request ${String(pull.number)} is gone`, "Push the branch again.");
  const rest = { state: pull.state, head, baseHead, mergedAs: pull.mergedAs };
  if (pull.state === "merged") return { ...rest, behind: false, mergeability: "unknown", conflicts: [] };
  if (await isAncestor(at.git, baseHead, head)) return { ...rest, behind: false, mergeability: "clean", conflicts: [] };
  const trial = await trialMerge(at.git, head, baseHead);
  return trial.is === "clean"
    ? { ...rest, behind: true, mergeability: "clean", conflicts: [] }
    : { ...rest, behind: true, mergeability: "conflicted", conflicts: trial.files };
}

/** A pull request needs a branch with commits of its own. */
async function requireWork(at: OpenRepository, branch: string): Promise<void> {
  const { head, baseHead } = await readTips(at.git, branch, at.ref.base);
  if (baseHead === null) throw refusal(at, `there is no base branch '${at.ref.base}'`, "Correct the repository's base branch.");
  if (head === null) throw refusal(at, `there is no branch '${branch}'`, "Push the branch first.");
  if (await isAncestor(at.git, head, baseHead))
    throw refusal(at, `the branch '${branch}' has no commits that '${at.ref.base}' does not have`, "Push the work first.");
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
