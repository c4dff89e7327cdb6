import type { CommitSha } from "@millrace/contracts";

/** Files of a commit: text by path. */
export type Tree = Readonly<Record<string, string>>;

/** A commit with all of its files. */
export interface Commit {
  readonly sha: CommitSha;
  readonly parents: readonly CommitSha[];
  readonly tree: Tree;
  readonly message: string;
}

/** Commits of a repository in memory, with ancestry, three-way merges by whole files, and diffs. */
export class CommitGraph {
  readonly #commits = new Map<CommitSha, Commit>();

  add(parents: readonly CommitSha[], tree: Tree, message: string): CommitSha {
    const sha = (this.#commits.size + 1).toString(16).padStart(40, "0");
    this.#commits.set(sha, { sha, parents, tree, message });
    return sha;
  }

  get(sha: CommitSha): Commit {
    const commit = this.#commits.get(sha);
    if (commit === undefined) throw new RangeError(`no commit ${sha}`);
    return commit;
  }

  /** `from` and all of its ancestors. */
  ancestry(from: CommitSha): ReadonlySet<CommitSha> {
    const seen = new Set<CommitSha>();
    const open = [from];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      if (seen.has(sha)) continue;
      seen.add(sha);
      open.push(...this.get(sha).parents);
    }
    return seen;
  }

  contains(head: CommitSha, ancestor: CommitSha): boolean {
    return this.ancestry(head).has(ancestor);
  }

  /** Merges two commits by whole files. Conflicts are the files that both changed differently since their merge base. */
  merge(ours: CommitSha, theirs: CommitSha): { readonly tree: Tree } | { readonly conflicts: readonly string[] } {
    const base = this.get(this.#mergeBase(ours, theirs)).tree;
    const [left, right] = [this.get(ours).tree, this.get(theirs).tree];
    const tree: Record<string, string> = {};
    const conflicts: string[] = [];
    for (const path of new Set([...Object.keys(base), ...Object.keys(left), ...Object.keys(right)])) {
      const [was, l, r] = [base[path], left[path], right[path]];
      const text = l === r || r === was ? l : l === was ? r : null;
      if (text === null) conflicts.push(path);
      else if (text !== undefined) tree[path] = text;
    }
    return conflicts.length > 0 ? { conflicts } : { tree };
  }

  /** Files that `head` changes since its merge base with `base`, in order of their paths: the text before and after, null for none. */
  diff(
    base: CommitSha,
    head: CommitSha,
  ): readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[] {
    const [was, is] = [this.get(this.#mergeBase(base, head)).tree, this.get(head).tree];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .toSorted()
      .map((path) => ({ path, before: was[path] ?? null, after: is[path] ?? null }))
      .filter(({ before, after }) => before !== after);
  }

  #mergeBase(a: CommitSha, b: CommitSha): CommitSha {
    const ofA = this.ancestry(a);
    // Ids grow with time, so the greatest common id is the merge base.
    const common = [...this.ancestry(b)].filter((sha) => ofA.has(sha)).toSorted();
    const newest = common.at(-1);
    if (newest === undefined) throw new RangeError(`${a} and ${b} have no common ancestor`);
    return newest;
  }
}
