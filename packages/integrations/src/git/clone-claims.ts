/**
 * What a clone gives after an agent worked in it: its word, and a pack. An agent can make git say anything here, so nothing of it makes a
 * result better: a head counts once its objects were received, and all else can only be held against the work.
 */
import { commitShaSchema, type CommitSha } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
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

/** Largest claims, in bytes. */
const MAX_CLAIMS_BYTES = 8 * 1024 * 1024;

/** Files above 32 MiB are packed whole, so that the host unpacks them in pieces. */
export const BIG_FILE = "core.bigFileThreshold=33554432";

/**
 * Each text ends with NUL. Then come the changed files, each as two letters, a space, its path and NUL; then the word `pack`, which is none
 * of them, and the pack.
 */
const SCRIPT = `
git symbolic-ref --quiet HEAD || test $? = 1
printf '\\0'
git for-each-ref --format='%(refname) %(objecttype) %(objectname) %(*objectname)'
printf '\\0'
git log --walk-reflogs --max-count=1000 --format=%H HEAD -- 2>/dev/null || true
printf '\\0'
git rev-parse --verify --quiet MERGE_HEAD || true
printf '\\0'
git status --porcelain -z --no-renames --untracked-files=normal --ignore-submodules=none
printf 'pack\\0'
tip=$(git rev-parse --verify --quiet "$1") || exit 0
{ echo "$tip"; cat; } | git -c ${BIG_FILE} pack-objects --quiet --revs --stdout --thin --delta-base-offset
`;

/**
 * Takes the claims of a clone, and the objects of a branch. `known`: commits that the host has with all that they need; `maxBytes`: the
 * largest pack.
 *
 * @throws MillraceError `repository_invalid` if git cannot give them.
 */
export async function takeWork(
  work: WorkGit,
  wanted: { readonly branch: string; readonly known: readonly CommitSha[]; readonly maxBytes: number },
): Promise<{ readonly claims: CloneClaims; readonly pack: Uint8Array }> {
  const input = wanted.known.map((commit) => `^${commit}\n`).join("");
  const { stdout } = await work({ text: SCRIPT, args: [wanted.branch], input, maxBytes: wanted.maxBytes + MAX_CLAIMS_BYTES });
  const bytes = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const end = bytes.indexOf("\0pack\0");
  if (end < 0 || end > MAX_CLAIMS_BYTES || bytes.length - end > wanted.maxBytes)
    throw new MillraceError("repository_invalid", "a clone gave more than Millrace takes, or nothing that can be read", {
      fix: "Keep large files outside the repository, or start the job again.",
      details: { bytes: bytes.length },
    });
  const [headRef = "", refs = "", heads = "", merge = "", ...status] = bytes.toString("utf8", 0, end).split("\0");
  const claims: CloneClaims = {
    headRef: headRef === "" ? null : headRef.trimEnd(),
    refs: refsOf(refs),
    heads: heads.split("\n").filter((commit) => commitShaSchema.safeParse(commit).success),
    uncommitted: status.map((entry) => entry.slice(3)),
    mergeInProgress: merge !== "",
  };
  return { claims, pack: bytes.subarray(end + "\0pack\0".length) };
}

/** Files inside the folders of submodules, which git looks at in no other way: with an empty index they are untracked ones. */
export async function filesInside(work: WorkGit, submodules: readonly string[]): Promise<readonly string[]> {
  if (submodules.length === 0) return [];
  const env = { GIT_INDEX_FILE: "/nonexistent/index", GIT_LITERAL_PATHSPECS: "1" };
  const args = submodules.map((path) => `${path}/`);
  const { stdout } = await work({ text: 'git ls-files --others -z -- "$@"', args, env });
  return new TextDecoder()
    .decode(stdout)
    .split("\0")
    .filter((path) => path !== "");
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
