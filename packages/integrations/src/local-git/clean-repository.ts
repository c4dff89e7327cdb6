import { join } from "node:path";
import { gitAt } from "../git/git.js";
import { branchRef, readRefs } from "../git/refs.js";
import { REMOTE } from "./init-repository.js";

/**
 * Removes branches of a bare repository; one that is not there is none. Returns those that were there.
 * @throws MillraceError `repository_missing`, `git_failed`.
 */
export async function removeBranches(path: string, branches: readonly string[]): Promise<readonly string[]> {
  const git = gitAt({ gitDir: path });
  const refs = new Map<string, string>();
  for (const branch of branches) refs.set(await branchRef(branch), branch);
  if (refs.size === 0) return [];
  const there = Object.keys(await readRefs(git, ...refs.keys())).filter((ref) => refs.has(ref));
  if (there.length === 0) return [];
  await git.run(["update-ref", "--stdin"], { input: `${there.map((ref) => `delete ${ref}`).join("\n")}\n` });
  return there.map((ref) => refs.get(ref) ?? ref);
}

/**
 * Removes the remote that `linkRemote` added, with its tracking branches. Does nothing where the remote of that name is another one.
 * @throws MillraceError `git_failed`.
 */
export async function unlinkRemote(sourcePath: string, barePath: string): Promise<boolean> {
  const git = gitAt({ gitDir: join(sourcePath, ".git"), workTree: sourcePath });
  const { code, stdout } = await git.run(["config", "--get", `remote.${REMOTE}.url`], { accept: [0, 1, 128] });
  if (code !== 0 || stdout.trim() !== barePath) return false;
  await git.run(["remote", "remove", REMOTE]);
  return true;
}
