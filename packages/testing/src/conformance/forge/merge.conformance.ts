import { isMillraceError } from "@millrace/kernel";
import { expect } from "vitest";
import type { ForgeBehaviour } from "./harness.js";
import { BRANCH, baseTip, openWork } from "./harness.js";

/** Merges land the expected head on the expected base, once. */
export const mergeBehaviours: readonly ForgeBehaviour[] = [
  {
    name: "merge: what lands is the head's own tree, on top of the base",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const result = await forge.merge(repository, pull, { head, base }, "Merge the work");
      const commit = await baseTip(harness);
      expect(result).toEqual({ is: "merged", commit, head, base });
      expect(await harness.parents(commit)).toEqual([base, head]);
      expect(await harness.files(commit)).toEqual(await harness.files(head));
      expect(await forge.read(repository, pull)).toMatchObject({ state: "merged", mergedAs: commit, head });
    },
  },
  {
    name: "merge: a head that moved is refused",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const moved = await harness.commit(BRANCH, { "unseen.txt": "nobody checked this\n" });
      expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "refused", because: "head-moved" });
      expect(await baseTip(harness)).toBe(base);
      expect(await forge.merge(repository, pull, { head: moved, base }, "Merge")).toMatchObject({ is: "merged", head: moved });
    },
  },
  {
    name: "merge: a head that went back is refused",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const later = await harness.commit(BRANCH, { "more.txt": "more\n" });
      await harness.point(BRANCH, head);
      expect(await forge.merge(repository, pull, { head: later, base }, "Merge")).toMatchObject({ is: "refused", because: "head-moved" });
      expect(await baseTip(harness)).toBe(base);
    },
  },
  {
    name: "merge: a base that moved is refused, though the merge would be clean",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const moved = await harness.commit(repository.base, { "elsewhere.txt": "x\n" });
      expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "refused", because: "base-moved" });
      expect(await baseTip(harness)).toBe(moved);
    },
  },
  {
    name: "merge: a head that does not contain its base is refused, though both are as expected",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head } = await openWork(harness);
      const base = await harness.commit(repository.base, { "elsewhere.txt": "x\n" });
      expect(await forge.merge(repository, pull, { head, base }, "Merge")).toMatchObject({ is: "refused", because: "base-moved" });
      expect(await baseTip(harness)).toBe(base);
      expect(await forge.read(repository, pull)).toMatchObject({ state: "open" });
    },
  },
  {
    name: "F:A1 merge: one to another base than the repository's lands nowhere, and is not updated from it",
    async run(harness) {
      const { forge, repository } = harness;
      const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
      await harness.commit("release", { "release.txt": "x\n" });
      const releaseTip = await harness.tip("release");
      const elsewhere = await forge.openPullRequest({ ...repository, base: "release" }, { branch: BRANCH, title: "Work", body: "" });
      const base = await baseTip(harness);
      for (const expected of [base, releaseTip ?? ""])
        expect(await forge.merge(repository, elsewhere, { head, base: expected }, "Merge")).toMatchObject({
          is: "refused",
          because: "not-allowed",
        });
      await expect(forge.updateBranch(repository, elsewhere, head)).rejects.toSatisfy((error) => isMillraceError(error, "forge_refused"));
      expect([await baseTip(harness), await harness.tip("release"), await harness.tip(BRANCH)]).toEqual([base, releaseTip, head]);
    },
  },
  {
    name: "merge: a conflict is refused",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head } = await openWork(harness, { "app.txt": "ours\n" });
      const base = await harness.commit(repository.base, { "app.txt": "theirs\n" });
      const result = await forge.merge(repository, pull, { head, base }, "Merge");
      expect(result.is).toBe("refused");
      expect(["base-moved", "conflicted"]).toContain(result.is === "refused" ? result.because : "");
      expect(await baseTip(harness)).toBe(base);
    },
  },
  {
    name: "merge: after an update of the branch it lands both sides",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head } = await openWork(harness);
      const base = await harness.commit(repository.base, { "elsewhere.txt": "x\n" });
      const updated = await forge.updateBranch(repository, pull, head);
      const next = updated.is === "updated" ? updated.head : "";
      expect(await forge.merge(repository, pull, { head: next, base }, "Merge")).toMatchObject({ is: "merged", head: next, base });
      expect(await harness.files(await baseTip(harness))).toMatchObject({ "elsewhere.txt": "x\n", "work.txt": "work\n" });
    },
  },
  {
    name: "merge: one that already happened is returned, not repeated",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const first = await forge.merge(repository, pull, { head, base }, "Merge");
      await harness.commit(repository.base, { "after.txt": "x\n" });
      const tip = await baseTip(harness);
      await harness.restart();
      expect(await harness.forge.merge(repository, pull, { head, base }, "Merge")).toEqual(first);
      expect(await baseTip(harness)).toBe(tip);
    },
  },
  {
    name: "merge: of two at the same moment one lands, and both say which",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const merge = () => forge.merge(repository, pull, { head, base }, "Merge");
      const results = await Promise.all([merge(), merge()]);
      const commit = await baseTip(harness);
      expect(results).toEqual([
        { is: "merged", commit, head, base },
        { is: "merged", commit, head, base },
      ]);
      expect(await harness.parents(commit)).toEqual([base, head]);
    },
  },
  {
    name: "merge: two pull requests for the same base do not both land on it",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const otherHead = await harness.commit("millrace/other", { "other.txt": "other\n" });
      const other = await forge.openPullRequest(repository, { branch: "millrace/other", title: "Other", body: "" });
      const results = await Promise.all([
        forge.merge(repository, pull, { head, base }, "One"),
        forge.merge(repository, other, { head: otherHead, base }, "Other"),
      ]);
      expect(results.map((result) => (result.is === "refused" ? result.because : result.is)).toSorted()).toEqual(["base-moved", "merged"]);
    },
  },
  {
    name: "withdraw: where no merge waits to land, nothing changes",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      await forge.withdraw(repository, pull);
      expect(await forge.read(repository, pull)).toMatchObject({ state: "open", head, baseHead: base });
      const merged = await forge.merge(repository, pull, { head, base }, "Merge");
      await forge.withdraw(repository, pull);
      expect(await forge.merge(repository, pull, { head, base }, "Merge")).toEqual(merged);
    },
  },
  {
    name: "merge: one whose answer was lost is found by the next call",
    async run(harness) {
      const { repository } = harness;
      const { pull, head, base } = await openWork(harness);
      harness.loseNextMerge();
      await expect(harness.forge.merge(repository, pull, { head, base }, "Merge")).rejects.toBeInstanceOf(Error);
      const commit = await baseTip(harness);
      expect(commit).not.toBe(base);
      await harness.restart();
      expect(await harness.forge.merge(repository, pull, { head, base }, "Merge")).toEqual({ is: "merged", commit, head, base });
      expect(await baseTip(harness)).toBe(commit);
    },
  },
  {
    name: "merge: one whose answer was lost is seen by a read, though branch and base moved on",
    async run(harness) {
      const { repository } = harness;
      const { pull, head, base } = await openWork(harness);
      harness.loseNextMerge();
      await expect(harness.forge.merge(repository, pull, { head, base }, "Merge")).rejects.toBeInstanceOf(Error);
      const commit = await baseTip(harness);
      await harness.commit(BRANCH, { "late.txt": "late\n" });
      await harness.commit(repository.base, { "after.txt": "x\n" });
      await harness.restart();
      expect(await harness.forge.read(repository, pull)).toMatchObject({ state: "merged", mergedAs: commit, head });
      expect(await harness.forge.findPullRequest(repository, BRANCH)).toBeNull();
    },
  },
];
