import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check, CommitSha } from "@millrace/contracts";
import type { CommandRunner } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { gitAt } from "../git/git.js";
import { commitAt } from "../git/refs.js";
import { removeTree } from "../paths/remove-tree.js";
import { specialPathsOf, type SpecialPaths } from "../git/undeliverable.js";
import type { LocalGitCheck } from "./local-repository.js";
import { runCheck, summaryOf } from "./run-check.js";

/** The tip of a base branch, and the files of it that are not what they seem. */
export interface LocalRepositoryExamination extends SpecialPaths {
  readonly head: CommitSha;
}

/**
 * Looks at the base of a bare repository.
 * @throws MillraceError `repository_missing` when it has no such branch, or is no git repository.
 */
export async function examineLocalRepository(path: string, base: string): Promise<LocalRepositoryExamination> {
  const head = await commitAt(gitAt({ gitDir: path }), `refs/heads/${base}`).catch(() => null);
  if (head === null)
    throw new MillraceError("repository_missing", `'${path}' has no branch '${base}', or is no git repository`, {
      fix: `Push the branch to it again: git push millrace ${base}; if the repository itself is gone, put it back from a backup.`,
      details: { path, base },
    });
  return { head, ...(await specialPathsOf(path, head)) };
}

/** The outcome of a check that was tried once. */
export interface TriedCheck {
  readonly conclusion: NonNullable<Check["conclusion"]>;
  /** The end of its output; null when it printed nothing. */
  readonly summary: string | null;
}

/** Runs a check once in a clean checkout of a commit, and records nothing. */
export async function tryCheck(
  commands: CommandRunner,
  job: { readonly check: LocalGitCheck; readonly path: string; readonly head: CommitSha },
  signal: AbortSignal,
): Promise<TriedCheck> {
  const workspace = await mkdtemp(join(tmpdir(), "millrace-check-"));
  try {
    const { conclusion, output } = await runCheck(commands, { ...job, workspace }, signal);
    return { conclusion, summary: summaryOf(output) };
  } finally {
    await removeTree(workspace);
  }
}
