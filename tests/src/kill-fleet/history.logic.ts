/** History of a fleet's repositories, read from their commits only. */
import type { CommitSha, RepositoryRef } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import type { Commit, CommitGraph, MemoryForge } from "@millrace/testing";
import type { Ledger } from "./ledger.schema.js";

/** Above the number of pull requests that a repository of a fleet can have. */
const MAX_PULL_REQUESTS = 1000;

/** Commits that changed a file against all parents. The last word of the file is the key of the job that wrote it. */
export function agentCommits(forge: MemoryForge, branches: ReadonlyMap<string, RepositoryRef>): Ledger["commits"] {
  const seen = new Set<CommitSha>();
  for (const [branch, repository] of branches) {
    const head = forge.head(repository, branch);
    if (head !== null) for (const sha of forge.graph.ancestry(head)) seen.add(sha);
  }
  return [...seen].flatMap((commit) => keysWritten(forge.graph, forge.graph.get(commit)).map((key) => ({ key, commit })));
}

function keysWritten(graph: CommitGraph, { parents, tree }: Commit): readonly string[] {
  if (parents.length === 0) return [];
  const changed = Object.entries(tree).filter(([path, text]) => parents.every((parent) => graph.get(parent).tree[path] !== text));
  return [...new Set(changed.map(([, text]) => text.split(" ").at(-1) ?? ""))];
}

/** First-parent history of every base branch after its first commit, oldest first. */
export function mainlines(forge: MemoryForge, repositories: ReadonlyMap<string, RepositoryRef>): Ledger["mainlines"] {
  return [...repositories].map(([repository, ref]) => {
    const commits: CommitSha[] = [];
    for (let sha = forge.head(ref, ref.base) ?? undefined; sha !== undefined;) {
      const parent: CommitSha | undefined = forge.graph.get(sha).parents[0];
      if (parent !== undefined) commits.unshift(sha);
      sha = parent;
    }
    return { repository, commits };
  });
}

/** Number of pull requests of each repository. They are numbered from 1 without gaps, so the first missing number ends the count. */
export async function openedPullRequests(
  forge: MemoryForge,
  repositories: ReadonlyMap<string, RepositoryRef>,
): Promise<Ledger["pullRequests"]> {
  const counts: { repository: string; opened: number }[] = [];
  for (const [repository, ref] of repositories) {
    let opened = 0;
    while (opened < MAX_PULL_REQUESTS && (await exists(forge, ref, opened + 1))) opened += 1;
    counts.push({ repository, opened });
  }
  return counts;
}

async function exists(forge: MemoryForge, repository: RepositoryRef, number: number): Promise<boolean> {
  try {
    await forge.read(repository, { id: `${repository.id}#${number}`, number, url: "-", branch: "-", base: repository.base });
    return true;
  } catch (error) {
    if (isMillraceError(error, "not_found")) return false;
    throw error;
  }
}
