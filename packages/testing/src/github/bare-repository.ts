import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { devNull } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const MAX_BUFFER = 32 * 1024 * 1024;
const FULL = /^[0-9a-f]{40}$/;

/** Environment of the git processes, without the host's configuration. */
export function gitEnvironment(): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: devNull,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_AUTHOR_NAME: "Person",
    GIT_AUTHOR_EMAIL: "person@example.org",
    GIT_COMMITTER_NAME: "GitHub",
    GIT_COMMITTER_EMAIL: "noreply@example.org",
  };
}

export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Commit date, ISO 8601. */
  readonly date: string;
}

export type TrialMerge = { readonly clean: true; readonly tree: string } | { readonly clean: false };

const FILE_STATUS: Readonly<Record<string, string>> = { A: "added", D: "removed", M: "modified" };

/** A file that a comparison lists. */
export interface ChangedFile {
  readonly path: string;
  readonly sha: string;
  readonly status: string;
  readonly isBinary: boolean;
}

/** Text of files by path; null deletes a file. */
export type FileChanges = Readonly<Record<string, string | null>>;

/** A bare git repository on disk, and the git commands that the stand-in needs. */
export class BareRepository {
  readonly path: string;
  readonly #scratch: string;
  /** Answers about commits by full id, which never change. */
  readonly #known = new Map<string, Promise<string | null>>();

  private constructor(path: string, scratch: string) {
    this.path = path;
    this.#scratch = scratch;
  }

  static async create(path: string, scratch: string): Promise<BareRepository> {
    await run("git", ["init", "--quiet", "--bare", "--initial-branch=main", path], { env: gitEnvironment() });
    const made = new BareRepository(path, scratch);
    await made.git("config", "http.receivepack", "true");
    // Keeps branches as loose refs, which `tip` reads as files.
    await made.git("config", "gc.auto", "0");
    // Lets tests rewrite a base branch.
    await made.git("config", "receive.denyDeletes", "false");
    return made;
  }

  async git(...args: string[]): Promise<string> {
    return (await run("git", [`--git-dir=${this.path}`, ...args], { env: gitEnvironment(), maxBuffer: MAX_BUFFER })).stdout.trim();
  }

  /** Commit ids by full ref name, e.g. `refs/heads/main`. */
  async refs(): Promise<ReadonlyMap<string, string>> {
    const text = await this.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads");
    const pairs = text.split("\n").map((line) => line.split(" "));
    return new Map(pairs.flatMap(([name, sha]) => (name === undefined || sha === undefined ? [] : [[name, sha]])));
  }

  async tip(branch: string): Promise<string | null> {
    const text = await readFile(join(this.path, "refs", "heads", branch), "utf8").catch(() => null);
    return text === null ? null : text.trim();
  }

  commitSha(name: string): Promise<string | null> {
    const read = () => this.git("rev-parse", "--verify", "--quiet", `${name}^{commit}`).catch(() => null);
    return FULL.test(name) ? this.#once(["commit", name], read) : read();
  }

  async contains(commit: string, ancestor: string): Promise<boolean> {
    const ask = () => this.git("merge-base", "--is-ancestor", ancestor, commit).catch(() => null);
    return (await this.#once(["contains", commit, ancestor], ask)) !== null;
  }

  async count(from: string, to: string): Promise<number> {
    return Number(await this.#once(["count", from, to], () => this.git("rev-list", "--count", `${from}..${to}`)));
  }

  mergeBase(one: string, other: string): Promise<string | null> {
    return this.#once(["merge-base", one, other], () => this.git("merge-base", one, other).catch(() => null));
  }

  async facts(commit: string): Promise<CommitFacts> {
    const read = () => this.git("show", "--no-patch", "--format=%H%x00%T%x00%P%x00%cI%x00%B", commit);
    const text = (await this.#once(["facts", commit], read)) ?? "";
    const [sha = "", tree = "", parents = "", date = "", message = ""] = text.split("\0");
    return { sha, tree, parents: parents.split(" ").filter((parent) => parent !== ""), message, date };
  }

  async diff(from: string, to: string): Promise<string> {
    return `${await this.git("diff", "--find-renames", from, to, "--")}\n`;
  }

  /** Files that differ, with the id of each in `to` (all zeros: deleted). */
  async changedFiles(from: string, to: string): Promise<readonly ChangedFile[]> {
    const raw = await this.git("diff", "--raw", "--no-abbrev", "--no-renames", from, to, "--");
    const numbers = await this.git("diff", "--numstat", "--no-renames", from, to, "--");
    const binary = new Set(numbers.split("\n").flatMap((line) => (line.startsWith("-\t-\t") ? [line.slice(4)] : [])));
    return raw.split("\n").flatMap((line) => {
      const [, , , sha = "", letter = "", path = ""] = line.split(/[ \t]/);
      return path === "" ? [] : [{ path, sha, status: FILE_STATUS[letter] ?? "changed", isBinary: binary.has(path) }];
    });
  }

  async trialMerge(ours: string, theirs: string): Promise<TrialMerge> {
    const read = () => this.git("merge-tree", "--write-tree", "--no-messages", ours, theirs).catch(() => null);
    const tree = await this.#once(["merge", ours, theirs], read);
    return tree === null ? { clean: false } : { clean: true, tree };
  }

  /** Memoizes an answer. That a commit does not exist is not kept: it may be pushed later. */
  #once(question: readonly string[], read: () => Promise<string | null>): Promise<string | null> {
    const name = question.join(" ");
    const known = this.#known.get(name) ?? read();
    this.#known.set(name, known);
    if (question[0] === "commit") void known.then((found) => found ?? this.#known.delete(name));
    return known;
  }

  commitTree(tree: string, parents: readonly string[], message: string): Promise<string> {
    return this.git("commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", message);
  }

  /** Compare-and-set of a branch; false when it did not point at `expected`. */
  setRef(branch: string, to: string, expected: string | null): Promise<boolean> {
    return this.git("update-ref", `refs/heads/${branch}`, to, expected ?? "0".repeat(40)).then(
      () => true,
      () => false,
    );
  }

  /** Commits file changes on top of `parent` (null: a root commit) without moving a branch. */
  async commitFiles(parent: string | null, changes: FileChanges, message: string, executable: readonly string[] = []): Promise<string> {
    if (parent !== null && Object.keys(changes).length === 0 && executable.length === 0)
      return this.commitTree(`${parent}^{tree}`, [parent], message);
    const work = await mkdtemp(join(this.#scratch, "work-"));
    const env = { ...gitEnvironment(), GIT_INDEX_FILE: `${work}.index` };
    const git = async (...args: string[]) =>
      (await run("git", [`--git-dir=${this.path}`, `--work-tree=${work}`, ...args], { cwd: work, env })).stdout.trim();
    if (parent !== null) await git("read-tree", parent);
    await git("checkout-index", "--all");
    for (const [path, text] of Object.entries(changes)) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      if (text === null) await rm(join(work, path));
      else await writeFile(join(work, path), text);
    }
    await git("add", "--all");
    for (const path of executable) await git("update-index", "--chmod=+x", path);
    const tree = await git("write-tree");
    await rm(work, { recursive: true, force: true });
    await rm(`${work}.index`, { force: true });
    return this.commitTree(tree, parent === null ? [] : [parent], message);
  }

  /** Every file of a commit's tree. */
  async files(commit: string): Promise<Readonly<Record<string, string>>> {
    const paths = (await this.git("ls-tree", "-r", "--name-only", commit)).split("\n").filter((path) => path !== "");
    const show = async (path: string) =>
      (await run("git", [`--git-dir=${this.path}`, "show", `${commit}:${path}`], { env: gitEnvironment() })).stdout;
    return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await show(path)] as const)));
  }
}
