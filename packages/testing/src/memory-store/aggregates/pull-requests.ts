import type { PullRequestLedger, StoredCheck, StoredPullRequest } from "@millrace/kernel";
import { notFound } from "@millrace/kernel";

export function memoryPullRequests(): PullRequestLedger {
  const pullRequests = new Map<string, StoredPullRequest[]>();
  const checks = new Map<string, StoredCheck>();
  const of = (repository: string): readonly StoredPullRequest[] => pullRequests.get(repository) ?? [];
  const lastOf = (repository: string, branch: string, base: string, state: StoredPullRequest["state"]): StoredPullRequest | undefined =>
    of(repository).findLast((one) => one.branch === branch && one.base === base && one.state === state);
  return {
    find: async (repository, number) => structuredClone(of(repository)[number - 1]) ?? null,
    findOpen: async (repository, branch, base) => structuredClone(lastOf(repository, branch, base, "open")) ?? null,
    findMerged: async (repository, branch, base) => structuredClone(lastOf(repository, branch, base, "merged")) ?? null,
    async open({ repository, branch, base, title, body, openedHead, openedBase, createdAt }) {
      const known = lastOf(repository, branch, base, "open");
      if (known !== undefined) return structuredClone(known);
      const number = of(repository).length + 1;
      const unmerged = { state: "open", mergedAs: null, mergedHead: null, mergedBase: null } as const;
      const opened = { repository, number, branch, base, title, body, openedHead, openedBase, createdAt, ...unmerged };
      pullRequests.set(repository, [...of(repository), opened]);
      return structuredClone(opened);
    },
    async markMerged(repository, number, { commit, head, base }) {
      const stored = of(repository)[number - 1];
      if (stored === undefined) throw notFound("pull request", `${repository}#${number}`);
      if (stored.state === "merged") return;
      const merged = { ...stored, state: "merged", mergedAs: commit, mergedHead: head, mergedBase: base } as const;
      pullRequests.set(repository, of(repository).with(number - 1, merged));
    },
    checks: async (repository, head, settings) =>
      [...checks.values()]
        .filter((check) => check.repository === repository && check.head === head && check.settings === settings)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((check) => structuredClone(check)),
    async putCheck(check) {
      checks.set(JSON.stringify([check.repository, check.head, check.settings, check.name]), structuredClone(check));
    },
  };
}
