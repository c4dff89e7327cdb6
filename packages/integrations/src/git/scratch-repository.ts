import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CommitSha } from "@millrace/contracts";
import type { Git } from "./git.js";
import { gitAt } from "./git.js";

/** File contents by path; null deletes the file. */
export type Files = Readonly<Record<string, string | null>>;

/** A temporary folder with a bare repository and a working copy of it, for the tests of this package. */
export interface ScratchRepository extends AsyncDisposable {
  readonly root: string;
  /** The bare repository; its base branch is `main` with one commit. */
  readonly bare: string;
  readonly git: Git;
  /**
   * Commits files on a branch of the bare repository. A branch that does not exist starts at `from`, default `main`.
   */
  commit(branch: string, files: Files, from?: string): Promise<CommitSha>;
  tip(branch: string): Promise<CommitSha>;
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    if (text === null) {
      await rm(file);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** Makes the temporary folder and both repositories. Disposing removes them. */
export async function scratchRepository(): Promise<ScratchRepository> {
  const root = await mkdtemp(join(tmpdir(), "millrace-scratch-"));
  const bare = join(root, "remote.git");
  await gitAt().run(["init", "--quiet", "--bare", "--template=", "--initial-branch=main", bare]);
  const git = gitAt({ gitDir: bare });
  const tip = (branch: string) => git.text(["rev-parse", "--verify", `refs/heads/${branch}`]);
  const commit: ScratchRepository["commit"] = async (branch, files, from = "main") => {
    const work = await mkdtemp(join(root, "commit-"));
    const index = { GIT_INDEX_FILE: join(work, "index") };
    const tree = gitAt({ gitDir: bare, workTree: join(work, "files") });
    await mkdir(join(work, "files"));
    const exists = async (name: string) => git.ask(["show-ref", "--verify", "--quiet", `refs/heads/${name}`]);
    const parent = (await exists(branch)) ? await tip(branch) : (await exists(from)) ? await tip(from) : null;
    if (parent !== null) {
      await tree.run(["read-tree", parent], { env: index });
      await tree.run(["checkout-index", "--all"], { env: index });
    }
    await writeFiles(join(work, "files"), files);
    await tree.run(["add", "--all", "--", "."], { env: index });
    const written = await tree.text(["write-tree"], { env: index });
    const made = await git.text([
      "commit-tree",
      written,
      "-m",
      `Change ${Object.keys(files).join(", ")}`,
      ...(parent === null ? [] : ["-p", parent]),
    ]);
    await git.run(["update-ref", `refs/heads/${branch}`, made]);
    await rm(work, { recursive: true });
    return made;
  };
  await commit("main", { "README.md": "# A project\n", "src/app.txt": "one\ntwo\nthree\n" });
  return { root, bare, git, commit, tip, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
