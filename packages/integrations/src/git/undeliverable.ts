/**
 * Paths that git would change on their way into a commit, or that belong to another repository (F:A15). Millrace runs no filter and
 * checks no submodule out: an agent sees the encrypted or pointer text of a filtered file, and what it writes lands as it is.
 *
 * Every fact comes from objects, read in a repository of the host's own; of an agent's clone only the object store is read, never its
 * configuration, index or attributes. The attributes are those of the base commit: a change cannot take a filter off its own files.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommitSha } from "@millrace/contracts";
import type { Git } from "./git.js";
import { gitAt } from "./git.js";

/** A file with a filter, as `.gitattributes` of a commit names it. */
export interface FilteredPath {
  readonly path: string;
  /** Name of the filter, e.g. `lfs`. */
  readonly filter: string;
}

/** The files of a commit that are not what they seem. */
export interface SpecialPaths {
  readonly filtered: readonly FilteredPath[];
  /** Folders of submodules. */
  readonly submodules: readonly string[];
}

/** A change of a job, by its commits. */
export interface DeliveredChange {
  /** Object stores that together have every commit. */
  readonly objects: readonly string[];
  /** Commit whose attributes hold. */
  readonly base: CommitSha;
  readonly before: CommitSha;
  readonly after: CommitSha;
  /** Commit that was merged into the change; paths that equal it are not the change's own. */
  readonly merged: CommitSha | null;
  /** The agent's work folder; only the names in the folders of submodules are read. */
  readonly folder: string;
}

const GITLINK = "160000";

/** The filtered files and the submodules of a commit. */
export async function specialPathsOf(objects: readonly string[], commit: CommitSha): Promise<SpecialPaths> {
  return reading(objects, async (git) => {
    const { files, submodules } = await entriesOf(git, commit);
    return { submodules, filtered: await filteredOf(git, commit, files) };
  });
}

/** The changed paths that cannot be delivered, each with its reason. */
export async function undeliverablePaths({ objects, base, before, after, merged, folder }: DeliveredChange): Promise<readonly string[]> {
  return reading(objects, async (git) => {
    const { files, submodules } = await entriesOf(git, base);
    const inside = await Promise.all(submodules.map((path) => namesIn(folder, path)));
    const since = async (commit: CommitSha) => changesBetween(git, commit, after);
    const own = await since(before);
    const foreign = merged === null ? null : new Set((await since(merged)).map(({ path }) => path));
    const changes = foreign === null ? own : own.filter(({ path }) => foreign.has(path));
    const links = changes.filter(({ isLink }) => isLink).map(({ path }) => path);
    const candidates = changes.filter(({ isLink }) => !isLink).map(({ path }) => path);
    const filtered = await filteredOf(git, base, candidates, files);
    return [
      ...filtered.map(({ path, filter }) => `${path} (filter=${filter})`),
      ...[...links, ...inside.flat()].map((path) => `${path} (submodule)`),
    ];
  });
}

/** Runs git in an empty repository that borrows the objects, and removes it. */
async function reading<T>(objects: readonly string[], read: (git: Git) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-objects-"));
  try {
    const gitDir = join(folder, "repo.git");
    await gitAt().run(["init", "--quiet", "--bare", "--template=", gitDir]);
    const git = gitAt({ gitDir });
    const env = { GIT_ALTERNATE_OBJECT_DIRECTORIES: objects.map(quoted).join(":") };
    const withObjects: Git = {
      run: (args, options) => git.run(args, { ...options, env }),
      text: (args, options) => git.text(args, { ...options, env }),
      ask: (args, options) => git.ask(args, { ...options, env }),
      list: (args, options) => git.list(args, { ...options, env }),
    };
    return await read(withObjects);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A path in a list that `:` separates. */
function quoted(path: string): string {
  return /[:"\\]/.test(path) ? `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"` : path;
}

async function entriesOf(
  git: Git,
  commit: CommitSha,
): Promise<{ readonly files: readonly string[]; readonly submodules: readonly string[] }> {
  const entries = (await git.list(["ls-tree", "-r", "-z", "--full-tree", commit])).map((entry) => ({
    mode: entry.slice(0, 6),
    path: entry.slice(entry.indexOf("\t") + 1),
  }));
  return {
    files: entries.flatMap(({ mode, path }) => (mode === GITLINK ? [] : [path])),
    submodules: entries.flatMap(({ mode, path }) => (mode === GITLINK ? [path] : [])),
  };
}

/** Which of the paths have a filter by the attributes of a commit, whose files are `all`. */
async function filteredOf(git: Git, commit: CommitSha, paths: readonly string[], all = paths): Promise<readonly FilteredPath[]> {
  if (paths.length === 0 || !all.some((path) => path === ".gitattributes" || path.endsWith("/.gitattributes"))) return [];
  // Attributes are read from the index, which no repository before git 2.40 can do without.
  await git.run(["read-tree", commit]);
  const fields = await git.list(["check-attr", "--cached", "-z", "--stdin", "filter"], { input: `${paths.join("\0")}\0` });
  const found: FilteredPath[] = [];
  for (let index = 0; index + 2 < fields.length; index += 3) {
    const [path = "", , filter = ""] = fields.slice(index, index + 3);
    if (filter !== "unspecified" && filter !== "unset") found.push({ path, filter });
  }
  return found;
}

async function changesBetween(
  git: Git,
  from: CommitSha,
  to: CommitSha,
): Promise<readonly { readonly path: string; readonly isLink: boolean }[]> {
  const fields = await git.list(["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to]);
  const changes: { path: string; isLink: boolean }[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [modes = "", path = ""] = fields.slice(index, index + 2);
    changes.push({ path, isLink: modes.slice(1, 7) === GITLINK || modes.slice(8, 14) === GITLINK });
  }
  return changes;
}

/** Git looks at nothing inside of a submodule that is not checked out, so work there would be lost without a word. */
async function namesIn(folder: string, submodule: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, submodule)).catch(() => []);
  return names.map((name) => `${submodule}/${name}`);
}
