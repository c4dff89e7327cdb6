import { expect } from "vitest";
import type { ForgeBehaviour, ForgeHarness } from "./harness.js";
import { BRANCH, baseTip, openWork } from "./harness.js";

const identityOf = ({ repository }: ForgeHarness) => ({
  base: repository.base,
  headBranch: BRANCH,
  headRepository: repository.id,
  ownQueue: false,
  checkSettings: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
});

/** Reading the state of a pull request. */
export const readBehaviours: readonly ForgeBehaviour[] = [
  {
    name: "read: an open pull request on top of its base",
    async run(harness) {
      const { pull, head, base } = await openWork(harness);
      expect(await harness.forge.read(harness.repository, pull)).toEqual({
        state: "open",
        ...identityOf(harness),
        head,
        baseHead: base,
        behind: false,
        mergeability: "clean",
        conflicts: [],
        mergedAs: null,
        mergedBase: null,
      });
    },
  },
  {
    name: "read: a push moves the head",
    async run(harness) {
      const { pull } = await openWork(harness);
      const head = await harness.commit(BRANCH, { "more.txt": "more\n" });
      expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ head, behind: false });
    },
  },
  {
    name: "read: a force-push moves the head",
    async run(harness) {
      const { pull, head } = await openWork(harness);
      await harness.commit(BRANCH, { "more.txt": "more\n" });
      await harness.point(BRANCH, head);
      expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ head });
    },
  },
  {
    name: "read: a moved base leaves the pull request behind, still clean",
    async run(harness) {
      const { pull, head } = await openWork(harness);
      const baseHead = await harness.commit(harness.repository.base, { "elsewhere.txt": "x\n" });
      expect(await harness.forge.read(harness.repository, pull)).toEqual({
        state: "open",
        ...identityOf(harness),
        head,
        baseHead,
        behind: true,
        mergeability: "clean",
        conflicts: [],
        mergedAs: null,
        mergedBase: null,
      });
    },
  },
  {
    name: "read: a base that changed the same lines conflicts, with the file's name",
    async run(harness) {
      const { pull } = await openWork(harness, { "app.txt": "ours\n", "work.txt": "work\n" });
      await harness.commit(harness.repository.base, { "app.txt": "theirs\n" });
      expect(await harness.forge.read(harness.repository, pull)).toMatchObject({
        state: "open",
        behind: true,
        mergeability: "conflicted",
        conflicts: ["app.txt"],
      });
    },
  },
  {
    name: "read: a file deleted here and changed there conflicts",
    async run(harness) {
      const { pull } = await openWork(harness, { "app.txt": null });
      await harness.commit(harness.repository.base, { "app.txt": "theirs\n" });
      expect(await harness.forge.read(harness.repository, pull)).toMatchObject({ mergeability: "conflicted", conflicts: ["app.txt"] });
    },
  },
  {
    name: "read: a merged pull request keeps the head that was merged, whatever happens afterwards",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      await forge.merge(repository, pull, { head, base }, "Merge");
      const mergedAs = await baseTip(harness);
      await harness.commit(BRANCH, { "late.txt": "late\n" });
      const baseHead = await harness.commit(repository.base, { "after.txt": "x\n" });
      expect(await forge.read(repository, pull)).toMatchObject({ state: "merged", head, baseHead, mergedAs, mergedBase: base });
    },
  },
];
