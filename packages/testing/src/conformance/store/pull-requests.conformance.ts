import type { StoredCheck } from "@millrace/kernel";
import { expect } from "vitest";
import { OTHER_SHA, SHA, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const asked = (branch: string, repository = "repo") => ({
  repository,
  branch,
  base: "main",
  title: `Of ${branch}`,
  body: "Why",
  openedHead: SHA,
  openedBase: OTHER_SHA,
  createdAt: 5,
});
const unmerged = { mergedAs: null, mergedHead: null, mergedBase: null };
const merge = { commit: SHA, head: OTHER_SHA, base: SHA };

function aCheck(over: Partial<StoredCheck> = {}): StoredCheck {
  const outcome = { status: "completed", conclusion: "success", completedAt: 9 } as const;
  return {
    name: "test",
    url: null,
    summary: "ok",
    repository: "repo",
    head: SHA,
    settings: "s1",
    output: "all of it",
    ...outcome,
    ...over,
  };
}

export const pullRequestCases: readonly StoreCase[] = [
  {
    name: "a pull request gets the next number of its repository and is found by number and by branch",
    async run({ pullRequests }) {
      const first = await pullRequests.open(asked("one"));
      expect(first).toEqual({ ...asked("one"), ...unmerged, number: 1, state: "open" });
      expect((await pullRequests.open(asked("two"))).number).toBe(2);
      expect((await pullRequests.open(asked("one", "elsewhere"))).number).toBe(1);
      expect(await pullRequests.find("repo", 1)).toEqual(first);
      expect(await pullRequests.find("repo", 3)).toBeNull();
      expect(await pullRequests.findOpen("repo", "one", "main")).toEqual(first);
      expect(await pullRequests.findOpen("repo", "three", "main")).toBeNull();
    },
  },
  {
    name: "opening again returns the branch's open one",
    async run({ pullRequests }) {
      const first = await pullRequests.open(asked("one"));
      expect(await pullRequests.open({ ...asked("one"), title: "Another title" })).toEqual(first);
    },
  },
  {
    name: "opened at the same moment, a branch has one pull request and numbers have no gap",
    async run({ pullRequests }) {
      const branches = ["one", "two", "three", "one", "two", "three", "one", "four"];
      const opened = await Promise.all(branches.map((branch) => pullRequests.open(asked(branch))));
      const numbers = new Map(opened.map(({ branch, number }) => [branch, number]));
      expect([...numbers.values()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
      for (const { branch, number } of opened) expect(number).toBe(numbers.get(branch));
    },
  },
  {
    name: "a merge is recorded once, and the branch may have a new pull request after it",
    async run({ pullRequests }) {
      const { number } = await pullRequests.open(asked("one"));
      await pullRequests.markMerged("repo", number, merge);
      await pullRequests.markMerged("repo", number, { commit: OTHER_SHA, head: SHA, base: SHA });
      const stored = await pullRequests.find("repo", number);
      expect(stored).toMatchObject({ state: "merged", mergedAs: merge.commit, mergedHead: merge.head, mergedBase: merge.base });
      expect(await pullRequests.findOpen("repo", "one", "main")).toBeNull();
      expect((await pullRequests.open(asked("one"))).number).toBe(2);
    },
  },
  {
    name: "F:A1 a branch has one open pull request for each base, and each is found by its base only",
    async run({ pullRequests }) {
      const toMain = await pullRequests.open(asked("one"));
      const toRelease = await pullRequests.open({ ...asked("one"), base: "release" });
      expect(toRelease).toMatchObject({ number: 2, base: "release" });
      expect(await pullRequests.findOpen("repo", "one", "main")).toEqual(toMain);
      expect(await pullRequests.findOpen("repo", "one", "release")).toEqual(toRelease);
      expect(await pullRequests.findOpen("repo", "one", "elsewhere")).toBeNull();
    },
  },
  {
    name: "F:A7 the merged pull request of a branch and base with the greatest number is found",
    async run({ pullRequests }) {
      expect(await pullRequests.findMerged("repo", "one", "main")).toBeNull();
      for (const base of ["main", "release", "main"]) {
        const { number } = await pullRequests.open({ ...asked("one"), base });
        await pullRequests.markMerged("repo", number, merge);
      }
      await pullRequests.open(asked("one"));
      expect(await pullRequests.findMerged("repo", "one", "main")).toMatchObject({ number: 3, state: "merged", mergedAs: merge.commit });
      expect(await pullRequests.findMerged("repo", "one", "release")).toMatchObject({ number: 2 });
      expect(await pullRequests.findMerged("elsewhere", "one", "main")).toBeNull();
    },
  },
  {
    name: "merging a pull request that is not there is refused",
    async run({ pullRequests }) {
      await expectRefusal(pullRequests.markMerged("repo", 1, merge), "not_found");
      expect(await pullRequests.find("repo", 1)).toBeNull();
    },
  },
  {
    name: "a check is replaced by repository, commit, name and settings, and listed by name",
    async run({ pullRequests }) {
      const lint = aCheck({ name: "lint", conclusion: "failure" });
      const kept = [aCheck(), aCheck({ settings: "s2" }), aCheck({ head: OTHER_SHA }), aCheck({ repository: "elsewhere" })];
      for (const check of [aCheck({ status: "in_progress", conclusion: null, completedAt: null }), ...kept, lint])
        await pullRequests.putCheck(check);
      expect(await pullRequests.checks("repo", SHA, "s1")).toEqual([lint, aCheck()]);
      expect(await pullRequests.checks("repo", SHA, "s2")).toEqual([aCheck({ settings: "s2" })]);
      expect(await pullRequests.checks("repo", OTHER_SHA, "s2")).toEqual([]);
    },
  },
];
