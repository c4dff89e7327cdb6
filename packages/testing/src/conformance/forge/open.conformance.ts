import { expect } from "vitest";
import type { ForgeBehaviour } from "./harness.js";
import { BRANCH, baseTip, openWork } from "./harness.js";

/** Opening and finding pull requests. */
export const openBehaviours: readonly ForgeBehaviour[] = [
  {
    name: "open: a branch without a pull request has none",
    async run(harness) {
      const { forge, repository } = harness;
      await harness.commit(BRANCH, { "work.txt": "work\n" });
      expect(await forge.findPullRequest(repository, BRANCH)).toBeNull();
      expect(await forge.findPullRequest(repository, "never/pushed")).toBeNull();
    },
  },
  {
    name: "open: what was opened is found, with its branch and base",
    async run(harness) {
      const { pull } = await openWork(harness);
      expect(pull).toMatchObject({ branch: BRANCH, base: harness.repository.base });
      expect(await harness.forge.findPullRequest(harness.repository, BRANCH)).toEqual(pull);
    },
  },
  {
    name: "open: opening again returns the open one, also at the same time and after a restart",
    async run(harness) {
      const { pull } = await openWork(harness);
      const again = () => harness.forge.openPullRequest(harness.repository, { branch: BRANCH, title: "Another title", body: "" });
      expect(await Promise.all([again(), again()])).toEqual([pull, pull]);
      await harness.restart();
      expect(await again()).toEqual(pull);
    },
  },
  {
    name: "open: two at once make one",
    async run(harness) {
      const { forge, repository } = harness;
      await harness.commit(BRANCH, { "work.txt": "work\n" });
      const request = { branch: BRANCH, title: "Work", body: "" };
      const [one, other] = await Promise.all([forge.openPullRequest(repository, request), forge.openPullRequest(repository, request)]);
      expect(one).toEqual(other);
    },
  },
  {
    name: "open: two branches have two pull requests",
    async run(harness) {
      const { pull } = await openWork(harness);
      await harness.commit("millrace/other", { "other.txt": "other\n" });
      const other = await harness.forge.openPullRequest(harness.repository, { branch: "millrace/other", title: "Other", body: "" });
      expect(other.number).not.toBe(pull.number);
      expect(other.id).not.toBe(pull.id);
    },
  },
  {
    name: "open: a merged pull request is not the branch's open one; further work gets its own",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      await forge.merge(repository, pull, { head, base }, "Merge");
      expect(await forge.findPullRequest(repository, BRANCH)).toBeNull();
      await harness.commit(BRANCH, { "more.txt": "more\n" });
      const next = await forge.openPullRequest(repository, { branch: BRANCH, title: "More", body: "" });
      expect(next.number).not.toBe(pull.number);
      expect(await forge.read(repository, next)).toMatchObject({ state: "open", mergedAs: null });
    },
  },
  {
    name: "F:A7 open: a merged pull request of the branch to the base is found, the last one, and no other",
    async run(harness) {
      const { forge, repository } = harness;
      expect(await forge.findMerged(repository, BRANCH)).toBeNull();
      const { pull, head, base } = await openWork(harness);
      expect(await forge.findMerged(repository, BRANCH)).toBeNull();
      await forge.merge(repository, pull, { head, base }, "Merge");
      const commit = await baseTip(harness);
      expect(await forge.findMerged(repository, BRANCH)).toEqual({ pullRequest: pull, commit, head, base });
      expect(await forge.findMerged(repository, "millrace/other")).toBeNull();
      await harness.commit("release", { "release.txt": "x\n" });
      expect(await forge.findMerged({ ...repository, base: "release" }, BRANCH)).toBeNull();
      const later = await harness.commit(BRANCH, { "more.txt": "more\n" });
      const next = await forge.openPullRequest(repository, { branch: BRANCH, title: "More", body: "" });
      const updated = await forge.updateBranch(repository, next, later);
      const moved = updated.is === "updated" ? updated.head : later;
      const second = await forge.merge(repository, next, { head: moved, base: commit }, "Merge more");
      await harness.restart();
      expect(await harness.forge.findMerged(repository, BRANCH)).toEqual({
        pullRequest: next,
        commit: second.is === "merged" ? second.commit : "",
        head: moved,
        base: commit,
      });
    },
  },
  {
    name: "F:A1 open: one of the same branch to another base is left alone",
    async run(harness) {
      const { forge, repository } = harness;
      const release = { ...repository, base: "release" };
      await harness.commit("release", { "release.txt": "x\n" });
      const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
      const elsewhere = await forge.openPullRequest(release, { branch: BRANCH, title: "Work", body: "" });
      expect(await forge.findPullRequest(repository, BRANCH)).toBeNull();
      const pull = await forge.openPullRequest(repository, { branch: BRANCH, title: "Work", body: "" });
      expect(pull).toMatchObject({ branch: BRANCH, base: repository.base });
      expect(pull.number).not.toBe(elsewhere.number);
      expect(await forge.findPullRequest(release, BRANCH)).toEqual(elsewhere);
      expect(await forge.read(repository, pull)).toMatchObject({ state: "open", base: repository.base, head });
      expect(await forge.read(repository, elsewhere)).toMatchObject({ state: "open", base: "release", head });
    },
  },
];
