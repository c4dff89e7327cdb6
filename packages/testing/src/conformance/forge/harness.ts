import type { CommitSha, PullRequestRef, RepositoryRef } from "@millrace/contracts";
import type { Forge } from "@millrace/kernel";

/** Text of files by path; null deletes a file. */
export type FileChanges = Readonly<Record<string, string | null>>;

/** One repository on a forge under test. Its base branch starts with one commit that holds `FIRST_FILES`. */
export interface ForgeHarness extends AsyncDisposable {
  /** The adapter under test; a new one after `restart`. */
  readonly forge: Forge;
  readonly repository: RepositoryRef;
  /** Pushes a commit on top of a branch; a new branch starts at the base's tip. Pushing to the base moves it. */
  commit(branch: string, files: FileChanges): Promise<CommitSha>;
  /** Pushes a commit on top of a branch that makes a file executable. Rejects where files have no modes. */
  makeExecutable(branch: string, path: string): Promise<CommitSha>;
  /** Force-pushes a branch to a commit. */
  point(branch: string, commit: CommitSha): Promise<void>;
  tip(branch: string): Promise<CommitSha | null>;
  parents(commit: CommitSha): Promise<readonly CommitSha[]>;
  /** Every file of the commit's tree. */
  files(commit: CommitSha): Promise<Readonly<Record<string, string>>>;
  /** The forge's CI registers the checks of the commit (`ForgeHarnessOptions.checks`); none is finished. */
  registerChecks(head: CommitSha): Promise<void>;
  /** Ends a registered check; resolves when the forge reports it. */
  concludeCheck(head: CommitSha, name: string, conclusion: "success" | "failure"): Promise<void>;
  /** The next merge lands, but its call rejects and nothing that follows the landing is done. */
  loseNextMerge(): void;
  /** Drops the adapter as a crash would, and makes a new one over the durable state. */
  restart(): Promise<void>;
}

/** What a conformance case needs of its harness. */
export interface ForgeHarnessOptions {
  /** Names of the checks that the forge's CI runs for every commit. */
  readonly checks: readonly string[];
}

/** Files of the first commit on the base branch of every harness. */
export const FIRST_FILES: Readonly<Record<string, string>> = { "README.md": "# A project\n", "app.txt": "one\ntwo\nthree\n" };

/** Branch that the conformance cases work on. */
export const BRANCH = "millrace/task";

/** One conformance case. A skip list refers to its `name`. */
export interface ForgeBehaviour {
  readonly name: string;
  readonly checks?: readonly string[];
  run(harness: ForgeHarness): Promise<void>;
}

/** Opens a pull request with one commit of its own. */
export async function openWork(
  harness: ForgeHarness,
  files: FileChanges = { "work.txt": "work\n" },
): Promise<{ readonly pull: PullRequestRef; readonly head: CommitSha; readonly base: CommitSha }> {
  const head = await harness.commit(BRANCH, files);
  const pull = await harness.forge.openPullRequest(harness.repository, { branch: BRANCH, title: "Work", body: "Done." });
  return { pull, head, base: await baseTip(harness) };
}

/** Commit at the tip of the base branch. */
export async function baseTip(harness: ForgeHarness): Promise<CommitSha> {
  const found = await harness.tip(harness.repository.base);
  if (found === null) throw new Error(`the harness lost its base branch '${harness.repository.base}'`);
  return found;
}
