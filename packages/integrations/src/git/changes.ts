import type { CommitSha } from "@millrace/contracts";
import type { Git } from "./git.js";

/** Mode of a tree entry that names a commit of another repository: a submodule. */
export const GITLINK = "160000";

/** A path that differs between two commits. */
export interface Change {
  readonly path: string;
  /** It is, or was, a submodule. */
  readonly isLink: boolean;
  /** Object that the path names now; null for a path that is gone, or for a submodule. */
  readonly blob: string | null;
}

/** The paths that differ between two commits; a renamed file is two of them. */
export async function changesBetween(git: Git, from: CommitSha, to: CommitSha): Promise<readonly Change[]> {
  const fields = await git.list(["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", from, to]);
  const changes: Change[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    // `:<mode before> <mode after> <object before> <object after> <status>`
    const [before = "", after = "", , object = ""] = (fields[index] ?? "").slice(1).split(" ");
    const blob = after === GITLINK || after === "000000" ? null : object;
    changes.push({ path: fields[index + 1] ?? "", isLink: before === GITLINK || after === GITLINK, blob });
  }
  return changes;
}

/** Bytes that the changed files of a commit have when they are checked out. */
export async function bytesOf(git: Git, changes: readonly Change[]): Promise<number> {
  const blobs = changes.flatMap(({ blob }) => (blob === null ? [] : [blob]));
  if (blobs.length === 0) return 0;
  const sizes = await git.text(["cat-file", "--batch-check=%(objectsize)"], { input: `${blobs.join("\n")}\n` });
  return sizes.split("\n").reduce((sum, size) => sum + Number(size), 0);
}
