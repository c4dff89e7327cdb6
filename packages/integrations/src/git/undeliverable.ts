/**
 * Paths that git would change on their way into a commit, that belong to another repository (F:A15), or that are too long to be checked
 * out. Millrace runs no filter and checks no submodule out: an agent sees the encrypted or pointer text of a filtered file, and what it
 * writes lands as it is.
 *
 * Every fact comes from objects, read in an empty repository that borrows them: no configuration, index or attributes of another one
 * count. The attributes are those of the base commit: a change cannot take a filter off its own files.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommitSha } from "@millrace/contracts";
import { changesBetween, GITLINK } from "./changes.js";
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
  /** Bare repository that has every commit. */
  readonly repository: string;
  /** Commit whose attributes hold. */
  readonly base: CommitSha;
  readonly before: CommitSha;
  readonly after: CommitSha;
  /** Commit that was merged into the change; paths that equal it are not the change's own. */
  readonly merged: CommitSha | null;
  /** The files in the folders of submodules, where git sees nothing. */
  readonly filesInside: (submodules: readonly string[]) => Promise<readonly string[]>;
}

/** Longest path, in bytes: the shortest limit of the systems that a change may be checked out on. */
const MAX_PATH_BYTES = 1024;
/** Characters of a path that is too long. */
const SHOWN_CHARS = 40;

/** The filtered files and the submodules of a commit of a bare repository. */
export async function specialPathsOf(repository: string, commit: CommitSha): Promise<SpecialPaths> {
  return borrowing({ repository, quarantine: false }, async (git) => {
    const { files, submodules } = await entriesOf(git, commit);
    return { submodules, filtered: await filteredOf(git, commit, files) };
  });
}

/** The changed paths that cannot be delivered, each with its reason. */
export async function undeliverablePaths(change: DeliveredChange): Promise<readonly string[]> {
  const { repository, base, before, after, merged, filesInside } = change;
  return borrowing({ repository, quarantine: true }, async (git) => {
    const { files, submodules } = await entriesOf(git, base);
    const inside = await filesInside(submodules);
    const own = await changesBetween(git, before, after);
    const foreign = merged === null ? null : new Set((await changesBetween(git, merged, after)).map(({ path }) => path));
    const changes = foreign === null ? own : own.filter(({ path }) => foreign.has(path));
    const links = changes.filter(({ isLink }) => isLink).map(({ path }) => path);
    const candidates = changes.filter(({ isLink }) => !isLink).map(({ path }) => path);
    const filtered = await filteredOf(git, base, candidates, files);
    return [
      ...filtered.map(({ path, filter }) => `${path} (filter=${filter})`),
      ...[...links, ...inside].map((path) => `${path} (submodule)`),
      ...changes.flatMap(({ path }) => (Buffer.byteLength(path) > MAX_PATH_BYTES ? [`${path.slice(0, SHOWN_CHARS)}… (too long)`] : [])),
    ];
  });
}

/** Runs git in an empty repository that borrows the objects of another one, and removes it. */
async function borrowing<T>(
  { repository, quarantine }: { readonly repository: string; readonly quarantine: boolean },
  read: (git: Git) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-objects-"));
  try {
    const gitDir = join(folder, "repo.git");
    await gitAt().run(["init", "--quiet", "--bare", "--template=", gitDir]);
    const git = gitAt({ gitDir, quarantine });
    const env = { GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(repository, "objects")) };
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
