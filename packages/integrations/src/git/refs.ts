import type { CommitSha } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { Git } from "./git.js";
import { gitAt } from "./git.js";
import { localPathOf, protocolOf } from "./remote-url.logic.js";

/** Commits by full ref name. */
export type Refs = Readonly<Record<string, CommitSha>>;

/**
 * Full ref name of a branch.
 * @throws MillraceError `validation` if git does not accept the name.
 */
export async function branchRef(branch: string): Promise<string> {
  // Without `--branch`, which would expand names such as `@{-1}`.
  if (!branch.startsWith("-") && (await gitAt().ask(["check-ref-format", `refs/heads/${branch}`]))) return `refs/heads/${branch}`;
  throw new MillraceError("validation", `'${branch}' cannot be a branch name`, { fix: "Use letters, digits, '-', '_', '.' and '/'." });
}

/** Refs of a repository that match the patterns (default: all). An annotated tag counts as its commit. */
export async function readRefs(git: Git, ...patterns: readonly string[]): Promise<Refs> {
  const text = await git.text(["for-each-ref", "--format=%(refname) %(objecttype) %(objectname) %(*objectname)", ...patterns]);
  const refs: Record<string, CommitSha> = {};
  for (const line of text.split("\n")) {
    const [name, type, object, peeled] = line.split(" ");
    if (name === undefined || object === undefined || name === "") continue;
    if (type === "commit") refs[name] = object;
    else if (type === "tag" && peeled !== undefined && peeled !== "") refs[name] = peeled;
  }
  return refs;
}

/**
 * Reads the refs of a remote with these full names (default: all).
 * @throws MillraceError `repository_missing` for a local path without a repository; `git_failed` or, over a network,
 * `forge_failed` if the remote did not answer.
 */
export async function readRemoteRefs(url: string, ...names: readonly string[]): Promise<Refs> {
  await requireRemote(url);
  const text = await gitAt().text(["ls-remote", "--quiet", "--", url, ...names], { protocols: [protocolOf(url)] });
  const refs: Record<string, CommitSha> = {};
  for (const line of text.split("\n")) {
    const [object, name] = line.split("\t");
    if (object === undefined || name === undefined || name === "HEAD") continue;
    // The peeled line of an annotated tag follows its own line and replaces it. `ls-remote` also matches longer names
    // that end in `name`.
    const plain = name.replace(/\^\{\}$/, "");
    if (names.length === 0 || names.includes(plain)) refs[plain] = object;
  }
  return refs;
}

/**
 * Checks that a local remote exists. A remote over a network is not contacted.
 * @throws MillraceError `repository_missing`.
 */
export async function requireRemote(url: string): Promise<void> {
  const path = localPathOf(url);
  if (path === null || (await isRepository(path))) return;
  throw new MillraceError("repository_missing", `there is no git repository at '${path}'`, {
    fix: "Create it, or correct the repository's path.",
    details: { path },
  });
}

/** Whether this folder itself is a git repository, bare or with a `.git` folder; folders above it do not count. */
export async function isRepository(path: string): Promise<boolean> {
  for (const gitDir of [path, `${path}/.git`]) {
    const { code } = await gitAt().run([`--git-dir=${gitDir}`, "rev-parse", "--git-dir"], { accept: [0, 128] });
    if (code === 0) return true;
  }
  return false;
}

/** The commit that a revision names; null if there is none. */
export async function commitAt(git: Git, revision: string): Promise<CommitSha | null> {
  const { code, stdout } = await git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`], {
    accept: [0, 1, 128],
  });
  return code === 0 ? stdout.trim() : null;
}

/** Whether `ancestor` is `descendant` itself or in its history. */
export function isAncestor(git: Git, ancestor: CommitSha, descendant: CommitSha): Promise<boolean> {
  return git.ask(["merge-base", "--is-ancestor", ancestor, descendant]);
}

/** Commits reachable from `from` but not from `without`, newest first. */
export async function commitsBetween(git: Git, from: readonly CommitSha[], without: readonly CommitSha[]): Promise<CommitSha[]> {
  if (from.length === 0) return [];
  const input = [...from, ...without.map((commit) => `^${commit}`)].join("\n");
  const text = await git.text(["rev-list", "--stdin", "--ignore-missing"], { input: `${input}\n` });
  return text.split("\n").filter((line) => line !== "");
}

/**
 * Refuses a branch that git cannot make because of another one: `a` and `a/b` cannot both be branches.
 *
 * @throws MillraceError `repository_invalid` with the name of the other one.
 */
export function requireRoom(branch: string, refs: Refs, repository: string): void {
  const ref = `refs/heads/${branch}`;
  const other = Object.keys(refs).find((name) => ref.startsWith(`${name}/`) || name.startsWith(`${ref}/`));
  if (other === undefined) return;
  const name = other.slice("refs/heads/".length);
  throw new MillraceError(
    "repository_invalid",
    `the branch '${name}' of '${repository}' is in the way of '${branch}': git can have one of them`,
    {
      fix: `Rename it: git branch -m '${name}' '${name.replaceAll("/", "-")}-branch', and push it under that name.`,
      details: { branch: name, repository },
    },
  );
}
