import type { CommitSha } from "@millrace/contracts";
import type { CommitGraph } from "./commits.js";
import { addPullRequest, headOf, pullRequestOf, tipOf, type PullRequest, type Repository } from "./memory-repository.js";
import type { Outsiders } from "./outsiders.js";

/** The events of a repository of the memory forge. `land` merges a pull request that its merge queue has. */
export function memoryOutsiders(graph: CommitGraph, repository: Repository, land: (pr: PullRequest) => CommitSha): Outsiders {
  const pullRequest = (number: number): PullRequest => pullRequestOf(repository, number);
  const merged = (base: CommitSha, head: CommitSha): Readonly<Record<string, string>> => {
    const merge = graph.merge(base, head);
    if ("conflicts" in merge) throw new RangeError(`it conflicts in ${merge.conflicts.join(", ")}`);
    return merge.tree;
  };
  return {
    hide: async (what, times = 1) => void repository.hidden.set(what, times),
    async delayMergeability(reads) {
      repository.mergeableAfter = reads;
      // What is being computed is known no later than that.
      for (const { tried } of repository.pullRequests) if (tried !== null) tried.readsLeft = Math.min(tried.readsLeft, reads);
    },
    async retarget(number, base) {
      pullRequest(number).base = base;
    },
    async renameBranch(from, to) {
      repository.branches.set(to, tipOf(repository, from));
      repository.branches.delete(from);
      for (const pr of repository.pullRequests) {
        if (pr.base === from) pr.base = to;
        if (pr.branch === from && pr.fork === null) pr.branch = to;
      }
    },
    open: async (branch, base) => addPullRequest(repository, branch, base).ref,
    openFromFork: async (branch, base, head) => addPullRequest(repository, branch, base, { repository: `${repository.id}-fork`, head }).ref,
    async close(number) {
      pullRequest(number).state = "closed";
    },
    async reopen(number) {
      pullRequest(number).state = "open";
    },
    requireChecks: async (base, names) => void repository.required.set(base, names),
    async mergeByHand(number, how) {
      const pr = pullRequest(number);
      const [head, base] = [headOf(repository, pr), tipOf(repository, pr.base)];
      if (how === "fast-forward" && !graph.contains(head, base)) throw new RangeError(`#${number} does not contain its base`);
      const parents = how === "squash" ? [base] : [base, head];
      const commit = how === "fast-forward" ? head : graph.add(parents, merged(base, head), `Merge #${number} by hand`);
      repository.branches.set(pr.base, commit);
      pr.state = "merged";
      pr.merge = { commit, head, base };
      return commit;
    },
    async useQueue(base, isUsed) {
      if (isUsed) repository.queues.add(base);
      else repository.queues.delete(base);
    },
    landQueued: async (number) => land(pullRequest(number)),
    async dropQueued(number, reason) {
      const { queued } = pullRequest(number);
      if (queued !== null) queued.dropped = reason;
    },
  };
}
