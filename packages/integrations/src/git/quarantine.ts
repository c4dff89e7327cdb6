/**
 * The quarantine of a job: a bare repository in the host's own folder. It begins with what the remote has, and receives what the agent
 * made as a pack, whose objects are checked before any of them can be read.
 *
 * 1. Nothing that an agent can write decides how the host reads it: no configuration, hook, index, graph or alternate of a clone gets here.
 * 2. What is received is bounded: its bytes, the memory and the time to unpack it, and the paths and bytes of a checkout of it.
 * 3. It is complete: every object has all that it links to, from the remote or from the clone. No other repository's object can be named.
 */
import { join } from "node:path";
import type { CommitSha } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { bytesOf, changesBetween } from "./changes.js";
import { BIG_FILE } from "./clone-claims.js";
import { gitAt, type Git } from "./git.js";
import { commitAt } from "./refs.js";

/** Ref of what was received last. */
export const RECEIVED = "refs/millrace/received";

/** Largest pack that a job may deliver, in bytes. */
export const MAX_PACK_BYTES = 256 * 1024 * 1024;
/** Bytes of all changed files of a job when they are checked out. */
const MAX_CHANGED_BYTES = 4 * 1024 * 1024 * 1024;
/** Longest single block of memory for objects that are not checked yet. */
const UNPACK_MEMORY = 256 * 1024 * 1024;

/** Path of the bare repository below a control folder. */
export function quarantinePath(control: string): string {
  return join(control, "repository.git");
}

/** Git bound to the quarantine of a job. `timeoutMs`: longest local command. */
export function quarantineGit(control: string, timeoutMs?: number): Git {
  return gitAt({ gitDir: quarantinePath(control), quarantine: true, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

/** A commit that a clone claims to have. */
export interface Claimed {
  readonly commit: CommitSha;
  /** Head of the branch when the job began. */
  readonly before: CommitSha;
  /** The objects that a clone gives for it. */
  readonly pack: Uint8Array;
}

/**
 * Receives a commit, and all that it needs.
 *
 * @throws MillraceError `repository_invalid` if the pack does not have it, or if an object is refused.
 */
export async function receive(git: Git, { commit, before, pack }: Claimed): Promise<void> {
  if ((await commitAt(git, commit)) === null) {
    await git.run(["-c", BIG_FILE, "index-pack", "--stdin", "--fix-thin", "--strict", "--threads=1"], {
      input: pack,
      env: { GIT_ALLOC_LIMIT: String(UNPACK_MEMORY) },
    });
    if ((await commitAt(git, commit)) === null)
      throw new MillraceError("repository_invalid", `the clone did not give the commit ${commit} that it names`, {
        fix: "Start the job again.",
        details: { commit },
      });
  }
  await requireBounded(git, commit, before);
  await git.run(["update-ref", RECEIVED, commit]);
}

/** A few objects can name more paths, and more bytes, than any disk holds. */
async function requireBounded(git: Git, commit: CommitSha, before: CommitSha): Promise<void> {
  // A listing that is cut is a tree that is refused. Trees deeper than git can follow end it by a signal, which is the same.
  await git.run(["ls-tree", "-r", "-z", "--name-only", commit]);
  const bytes = await bytesOf(git, await changesBetween(git, before, commit));
  if (bytes > MAX_CHANGED_BYTES)
    throw new MillraceError(
      "repository_invalid",
      `the changed files of ${commit} have ${String(bytes)} bytes, more than ${String(MAX_CHANGED_BYTES)}`,
      {
        fix: "Keep files of that size outside the repository.",
        details: { commit, bytes },
      },
    );
}
