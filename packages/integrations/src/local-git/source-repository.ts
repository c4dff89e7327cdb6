/** What a folder must be before its history can be copied: each refusal is one sentence with a fix that works (F:E7). */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "@millrace/kernel";
import type { Git } from "../git/git.js";
import { gitAt } from "../git/git.js";
import { commitAt, isRepository, readRefs, requireRoom } from "../git/refs.js";

/** Number of uncommitted paths or branches that an error names. */
const SHOWN = 5;
/** Stands for the branches of tasks. */
const ANY_JOB_BRANCH = "millrace/task";

/**
 * Git at exactly this folder: a repository in a folder above it does not count.
 * @throws MillraceError `repository_missing`, `repository_invalid` for a repository of another user.
 */
export async function sourceGit(from: string): Promise<Git> {
  await requireOwn(from);
  const git = gitAt({ gitDir: join(from, ".git"), workTree: from });
  if (await isRepository(join(from, ".git"))) return git;
  throw new MillraceError("repository_missing", `'${from}' is not the top folder of a git repository`, {
    fix: `Name the folder that has .git in it, or make it one: cd '${from}' && git init && git add -A && git commit -m "First commit"`,
    details: { path: from },
  });
}

/** Git does not read the repository of another user, and no setting of that user's own changes that for Millrace. */
async function requireOwn(from: string): Promise<void> {
  const user = process.geteuid?.();
  const entry = await stat(join(from, ".git")).catch(() => null);
  if (user === undefined || entry === null || entry.uid === user) return;
  throw new MillraceError("repository_invalid", `'${from}' belongs to another user (uid ${entry.uid}), and git does not trust it`, {
    fix: `Make it yours: sudo chown -R ${user} '${from}'`,
    details: { path: from, owner: entry.uid },
  });
}

/** @throws MillraceError `repository_invalid` on a detached HEAD. */
export async function currentBranch(from: string): Promise<string> {
  const git = await sourceGit(from);
  const { code, stdout } = await git.run(["symbolic-ref", "--quiet", "--short", "HEAD"], { accept: [0, 1] });
  if (code === 0) return stdout.trim();
  const branches = await branchesOf(git);
  throw new MillraceError("repository_invalid", `'${from}' is on no branch (detached HEAD), so the base is not known`, {
    fix: branches.length === 0 ? `Make one: git -C '${from}' switch -c main` : `Name the base: --base ${branches.join(", or --base ")}`,
    details: { path: from },
  });
}

/**
 * The branch `base` is there with everything it is made of, and nothing is left uncommitted.
 * @throws MillraceError `repository_missing`, `repository_invalid`, `repository_dirty`.
 */
export async function requireReady(from: string, ref: string, base: string): Promise<void> {
  const git = await sourceGit(from);
  if ((await commitAt(git, "HEAD")) === null) {
    throw new MillraceError("repository_missing", `the repository '${from}' has no commit yet`, {
      fix: `Commit something first: cd '${from}' && git add -A && git commit -m "First commit"`,
      details: { path: from },
    });
  }
  if ((await commitAt(git, ref)) === null) {
    const branches = await branchesOf(git);
    throw new MillraceError("repository_invalid", `the repository '${from}' has no branch '${base}'`, {
      fix: branches.length === 0 ? `Make it: git -C '${from}' branch ${base}` : `Name one it has: --base ${branches.join(", or --base ")}`,
      details: { path: from, base },
    });
  }
  requireRoom(ANY_JOB_BRANCH, await readRefs(git, "refs/heads"), from);
  await requireWhole(git, from);
  await requireClean(git, from);
}

/** A copy of a clone with gaps has the same gaps, and git would ask the network for them in the middle of a job. */
async function requireWhole(git: Git, from: string): Promise<void> {
  if ((await git.text(["rev-parse", "--is-shallow-repository"])) === "true")
    throw new MillraceError("repository_invalid", `'${from}' is a shallow clone: its history is cut off`, {
      fix: `Fetch the rest: git -C '${from}' fetch --unshallow`,
      details: { path: from },
    });
  const { code } = await git.run(["config", "--get-regexp", "^remote\\..*\\.promisor$"], { accept: [0, 1] });
  if (code !== 0) return;
  const missing = await git.run(["rev-list", "--objects", "--missing=print", "--branches", "--tags", "HEAD"]);
  if (!missing.stdout.split("\n").some((line) => line.startsWith("?"))) return;
  throw new MillraceError("repository_invalid", `'${from}' is a partial clone: objects of its history are not here`, {
    fix: `Fetch them: git -C '${from}' fetch --refetch --no-filter`,
    details: { path: from },
  });
}

async function requireClean(git: Git, from: string): Promise<void> {
  const changed = (await git.list(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal"])).map((entry) =>
    entry.slice(3),
  );
  if (changed.length === 0) return;
  const more = changed.length > SHOWN ? ` and ${String(changed.length - SHOWN)} more` : "";
  throw new MillraceError(
    "repository_dirty",
    `'${from}' has changes that are not committed: ${changed.slice(0, SHOWN).join(", ")}${more}`,
    {
      fix: "Commit or stash them; agents work on commits and would not see them. What only your own global ignore list hides belongs in .gitignore or .git/info/exclude.",
      details: { path: from, files: changed.slice(0, SHOWN), count: changed.length },
    },
  );
}

/** Names of branches, as many as an error names. */
async function branchesOf(git: Git): Promise<readonly string[]> {
  return Object.keys(await readRefs(git, "refs/heads"))
    .map((name) => name.slice("refs/heads/".length))
    .slice(0, SHOWN);
}
