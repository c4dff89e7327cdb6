import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CommitSha } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { Git } from "../git/git.js";
import { gitAt } from "../git/git.js";
import { branchRef, commitAt, isRepository, readRefs, requireRoom } from "../git/refs.js";

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
const REMOTE = "millrace";
/** Stands for the branches of tasks. */
const ANY_JOB_BRANCH = "millrace/task";
/** Number of uncommitted paths that an error names. */
const SHOWN_PATHS = 5;

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
  const git = await sourceGit(sourcePath);
  const { code, stdout } = await git.run(["config", "--get", `remote.${REMOTE}.url`], { accept: [0, 1] });
  if (code === 0 && stdout.trim() === barePath) return;
  if (code === 0)
    throw new MillraceError("repository_invalid", `'${sourcePath}' already has another remote named '${REMOTE}'`, {
      fix: `Run: git -C '${sourcePath}' remote remove ${REMOTE}`,
      details: { path: sourcePath },
    });
  await git.run(["remote", "add", REMOTE, barePath]);
}

/** The shell command that brings merged work into a working folder with the remote `millrace`. */
export function syncHint(base: string): string {
  return `git pull ${REMOTE} ${base}`;
}

/** Git at exactly this folder: a repository in a folder above it does not count. */
async function sourceGit(from: string): Promise<Git> {
  const git = gitAt({ gitDir: join(from, ".git"), workTree: from });
  if (await isRepository(join(from, ".git"))) return git;
  throw new MillraceError("repository_missing", `'${from}' is not the top folder of a git repository`, {
    fix: `Name the folder that has .git in it, or make it one: cd '${from}' && git init && git add -A && git commit -m "First commit"`,
    details: { path: from },
  });
}

async function currentBranch(from: string): Promise<string> {
  const git = await sourceGit(from);
  const { code, stdout } = await git.run(["symbolic-ref", "--quiet", "--short", "HEAD"], { accept: [0, 1] });
  if (code === 0) return stdout.trim();
  throw new MillraceError("repository_invalid", `'${from}' is on no branch`, {
    fix: "Name the base branch, or check one out.",
    details: { path: from },
  });
}

async function requireReady(from: string, ref: string, base: string): Promise<void> {
  const git = await sourceGit(from);
  if ((await commitAt(git, "HEAD")) === null) {
    throw new MillraceError("repository_missing", `the repository '${from}' has no commit yet`, {
      fix: `Commit something first: cd '${from}' && git add -A && git commit -m "First commit"`,
      details: { path: from },
    });
  }
  if ((await commitAt(git, ref)) === null)
    throw new MillraceError("repository_invalid", `the repository '${from}' has no branch '${base}'`, {
      fix: "Name a branch it has as the base.",
      details: { path: from, base },
    });
  requireRoom(ANY_JOB_BRANCH, await readRefs(git, "refs/heads"), from);
  const changed = (await git.list(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal"])).map((entry) =>
    entry.slice(3),
  );
  if (changed.length === 0) return;
  const more = changed.length > SHOWN_PATHS ? ` and ${String(changed.length - SHOWN_PATHS)} more` : "";
  throw new MillraceError(
    "repository_dirty",
    `'${from}' has changes that are not committed: ${changed.slice(0, SHOWN_PATHS).join(", ")}${more}`,
    {
      fix: "Commit or stash them; agents work on commits and would not see them. What only your own global ignore list hides belongs in .gitignore or .git/info/exclude.",
      details: { path: from, files: changed.slice(0, SHOWN_PATHS), count: changed.length },
    },
  );
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
