import type { CommitSha } from "@millrace/contracts";
import type { Git } from "./git.js";

/** Result of a trial merge. `files` has at most 20 paths. */
export type TrialMerge = { readonly is: "clean"; readonly tree: string } | { readonly is: "conflicted"; readonly files: readonly string[] };

const MAX_FILES = 20;

/** Merges two commits without touching a ref or a working copy. Unrelated histories are a conflict without files. */
export async function trialMerge(git: Git, ours: CommitSha, theirs: CommitSha): Promise<TrialMerge> {
  const related = await git.run(["merge-base", ours, theirs], { accept: [0, 1] });
  if (related.code === 1) return { is: "conflicted", files: [] };
  const { code, stdout } = await git.run(["merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", ours, theirs], {
    accept: [0, 1],
  });
  const [tree, ...files] = stdout.split("\0").filter((entry) => entry !== "");
  return code === 0 && tree !== undefined ? { is: "clean", tree: tree.trim() } : { is: "conflicted", files: files.slice(0, MAX_FILES) };
}
