import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CommitSha } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { gitAt } from "../git/git.js";
import { branchRef, commitAt } from "../git/refs.js";
import { currentBranch, requireReady, sourceGit } from "./source-repository.js";

/** Options of `initLocalRepository`. */
export interface InitLocalRepositoryOptions {
  /** Absolute path of the bare repository. It must not exist yet, or must be one that this function made. */
  readonly path: string;
  /** Absolute path of the working folder to copy the history from; null for a new repository with one empty commit. */
  readonly from: string | null;
  /** Base branch. Default: the branch that the working folder is on; `main` for a new repository. */
  readonly base?: string;
}

/** Result of `initLocalRepository`. */
export interface InitLocalRepositoryResult {
  readonly path: string;
  /** Name of the base branch. */
  readonly base: string;
  /** Tip of the base branch. */
  readonly head: CommitSha;
  /** True if the repository was already there and nothing was changed. */
  readonly existed: boolean;
}

/** Name of the bare repository as a remote of the working folder. */
export const REMOTE = "millrace";

/**
 * Makes the bare repository that Millrace works on, as a copy of a working folder's history. The working folder is only
 * read. With the remote that `linkRemote` adds, merged work arrives by `git pull millrace <base>`, and new work goes in
 * by `git push millrace <base>`.
 *
 * @throws MillraceError `repository_missing` (no git repository, or no commit in it), `repository_dirty` (uncommitted
 * changes, which every job would lack), `repository_invalid` (no such base branch, a branch `millrace`, or `path` is something else).
 */
export async function initLocalRepository(options: InitLocalRepositoryOptions): Promise<InitLocalRepositoryResult> {
  const { path, from } = options;
  const base = options.base ?? (from === null ? "main" : await currentBranch(from));
  const ref = await branchRef(base);
  if (from !== null) await requireReady(from, ref, base);
  if (await isBare(path)) return { path, base, head: await requireTip(path, ref, base), existed: true };
  const draft = join(dirname(path), `.${basename(path)}.new`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await (from === null ? createEmpty(draft, ref) : copyOf(from, draft, ref));
  // A rename does not replace a folder that has content, and makes the complete repository visible at once.
  await rename(draft, path).catch((cause: unknown) => {
    throw new MillraceError("repository_invalid", `'${path}' exists and is not a bare git repository`, {
      fix: "Choose another path, or remove what is there.",
      details: { path },
      cause,
    });
  });
  return { path, base, head: await requireTip(path, ref, base), existed: false };
}

/**
 * Adds the bare repository to a working folder as the remote `millrace`. Idempotent.
 * @throws MillraceError `repository_missing`; `repository_invalid` if another remote has that name.
 */
export async function linkRemote(sourcePath: string, barePath: string): Promise<void> {
  const linked = await linkedRemote(sourcePath);
  if (linked === barePath) return;
  if (linked !== null)
    throw new MillraceError("repository_invalid", `'${sourcePath}' already has another remote named '${REMOTE}': it leads to '${linked}'`, {
      fix: `If that board is not needed here (worktrees share their remotes), run: git -C '${sourcePath}' remote remove ${REMOTE}`,
      details: { path: sourcePath },
    });
  await (await sourceGit(sourcePath)).run(["remote", "add", REMOTE, barePath]);
}

/**
 * Address of the remote `millrace` of a working folder; null when it has none.
 * @throws MillraceError `repository_missing`, `repository_invalid`.
 */
export async function linkedRemote(sourcePath: string): Promise<string | null> {
  const git = await sourceGit(sourcePath);
  const { code, stdout } = await git.run(["config", "--get", `remote.${REMOTE}.url`], { accept: [0, 1] });
  return code === 0 ? stdout.trim() : null;
}

/** The shell command that brings merged work into a working folder with the remote `millrace`. */
export function syncHint(base: string): string {
  return `git pull ${REMOTE} ${base}`;
}

async function copyOf(from: string, draft: string, ref: string): Promise<void> {
  // `--no-local` copies the objects: with hard links, damage to one repository could reach the other.
  await gitAt().run(["clone", "--quiet", "--bare", "--no-local", "--template=", "--", from, draft], {
    protocols: ["file"],
    timeoutMs: 15 * 60_000,
  });
  const git = gitAt({ gitDir: draft });
  await git.run(["remote", "remove", "origin"]);
  await git.run(["symbolic-ref", "HEAD", ref]);
}

async function createEmpty(draft: string, ref: string): Promise<void> {
  await gitAt().run(["init", "--quiet", "--bare", "--template=", draft]);
  const git = gitAt({ gitDir: draft });
  await git.run(["symbolic-ref", "HEAD", ref]);
  const tree = await git.text(["mktree"]);
  await git.run(["update-ref", ref, await git.text(["commit-tree", tree, "-m", "First commit"])]);
}

async function isBare(path: string): Promise<boolean> {
  const { code, stdout } = await gitAt().run([`--git-dir=${path}`, "rev-parse", "--is-bare-repository"], { accept: [0, 128] });
  return code === 0 && stdout.trim() === "true";
}

async function requireTip(path: string, ref: string, base: string): Promise<CommitSha> {
  const head = await commitAt(gitAt({ gitDir: path }), ref);
  if (head !== null) return head;
  throw new MillraceError("repository_invalid", `the repository '${path}' has no branch '${base}'`, {
    fix: "Name a branch it has as the base.",
    details: { path, base },
  });
}
