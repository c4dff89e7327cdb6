import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import { throwUnwritable } from "@millrace/kernel";
import type { Git } from "./git.js";
import { gitAt } from "./git.js";
import { branchRef, readRemoteRefs } from "./refs.js";
import { localPathOf, protocolOf } from "./remote-url.logic.js";

/** Argument of `Worktrees.diff`. */
export interface DiffRequest {
  readonly repository: RepositoryRef;
  readonly branch: string;
  readonly maxChars: number;
  readonly merged?: Ends | null;
}

/** The commits that a diff lies between. */
interface Ends {
  readonly base: CommitSha;
  readonly head: CommitSha;
}

const FETCH_TIMEOUT_MS = 15 * 60_000;

/**
 * Unified diff of what the branch adds to its base since they diverged. Empty if either branch does not exist. A bare
 * local repository is read in place; any other is fetched into a temporary one.
 */
export async function diffOfBranch(request: DiffRequest, url: string): Promise<string> {
  const ends = request.merged ?? (await tipsOf(request, url));
  if (ends === null) return "";
  const path = localPathOf(url);
  if (path !== null && (await gitAt().run([`--git-dir=${path}`, "rev-parse", "--git-dir"], { accept: [0, 128] })).code === 0)
    return diff(gitAt({ gitDir: path }), ends, request.maxChars);
  const folder = await mkdtemp(join(tmpdir(), "millrace-diff-")).catch((error: unknown) => throwUnwritable(tmpdir(), error));
  try {
    await gitAt().run(["init", "--quiet", "--bare", "--template=", folder]);
    const git = gitAt({ gitDir: folder });
    await git.run(["fetch", "--quiet", "--no-tags", "--", url, ends.head, ends.base], {
      protocols: [protocolOf(url)],
      timeoutMs: FETCH_TIMEOUT_MS,
    });
    return await diff(git, ends, request.maxChars);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tipsOf(request: DiffRequest, url: string): Promise<Ends | null> {
  const branch = await branchRef(request.branch);
  const base = await branchRef(request.repository.base);
  const { [branch]: head, [base]: tip } = await readRemoteRefs(url, branch, base);
  return head === undefined || tip === undefined ? null : { head, base: tip };
}

async function diff(git: Git, { base, head }: Ends, maxChars: number): Promise<string> {
  const merged = await git.run(["merge-base", base, head], { accept: [0, 1] });
  // Without a common ancestor the diff is against the empty tree.
  const since = merged.code === 0 ? merged.stdout.trim() : await git.text(["hash-object", "-t", "tree", "--stdin"]);
  // A character has at most 4 bytes, so this many bytes fill `maxChars` in any text.
  const { stdout, cut } = await git.run(["diff", "--no-color", "--no-ext-diff", "--no-textconv", since, head, "--"], {
    cutAt: maxChars * 4 + 4,
  });
  if (!cut && stdout.length <= maxChars) return stdout;
  const note = `\n[The diff is longer; it was cut at ${String(maxChars)} characters.]\n`;
  return stdout.slice(0, Math.max(0, maxChars - note.length)) + note;
}
