/**
 * What a clone says of itself after an agent worked in it. An agent can make git say anything here, so nothing of it makes a result
 * better: a head counts once its objects were received, and all else can only be held against the work.
 */
import { commitShaSchema, type CommitSha } from "@millrace/contracts";
import type { Refs } from "./refs.js";
import type { WorkGit } from "./work-git.js";

/** The claims of a clone. */
export interface CloneClaims {
  /** Full name of the branch that HEAD is on; null when it is detached. */
  readonly headRef: string | null;
  /** Local branches, tags and other refs by their full names; remote-tracking refs are left out. */
  readonly refs: Refs;
  /** Commits that HEAD pointed at, the last 1,000. */
  readonly heads: readonly CommitSha[];
  /** Changed and untracked files. A folder without tracked files is one entry that ends in `/`. */
  readonly uncommitted: readonly string[];
  /** A merge was left unfinished. */
  readonly mergeInProgress: boolean;
}

const HEADS = "1000";

/** @throws MillraceError `repository_invalid` if git cannot say it. */
export async function readClaims(work: WorkGit): Promise<CloneClaims> {
  const [headRef, refs, heads, status, merge] = await Promise.all([
    work.text(["symbolic-ref", "--quiet", "HEAD"], { accept: [0, 1] }),
    work.text(["for-each-ref", "--format=%(refname) %(objecttype) %(objectname) %(*objectname)"]),
    work.text(["log", "--walk-reflogs", `--max-count=${HEADS}`, "--format=%H", "HEAD", "--"], { accept: [0, 128] }),
    work.list(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=none"]),
    work.git(["rev-parse", "--verify", "--quiet", "MERGE_HEAD"], { accept: [0, 1, 128] }),
  ]);
  return {
    headRef: headRef === "" ? null : headRef,
    refs: refsOf(refs),
    heads: heads.split("\n").filter((commit) => commitShaSchema.safeParse(commit).success),
    uncommitted: status.map((entry) => entry.slice(3)),
    mergeInProgress: merge.code === 0,
  };
}

/** Files inside the folders of submodules, which git looks at in no other way: with an empty index they are untracked ones. */
export async function filesInside(work: WorkGit, submodules: readonly string[]): Promise<readonly string[]> {
  if (submodules.length === 0) return [];
  const env = { GIT_INDEX_FILE: "/nonexistent/index", GIT_LITERAL_PATHSPECS: "1" };
  return work.list(["ls-files", "--others", "-z", "--", ...submodules.map((path) => `${path}/`)], { env });
}

function refsOf(text: string): Refs {
  const refs: Record<string, CommitSha> = {};
  for (const line of text.split("\n")) {
    const [name = "", type, object, peeled] = line.split(" ");
    const commit = commitShaSchema.safeParse(type === "tag" ? peeled : object);
    if (commit.success && (type === "commit" || type === "tag") && !name.startsWith("refs/remotes/")) refs[name] = commit.data;
  }
  return refs;
}
