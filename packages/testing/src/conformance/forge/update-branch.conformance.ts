import { expect } from "vitest";
import type { ForgeBehaviour } from "./harness.js";
import { BRANCH, openWork } from "./harness.js";

/** Merging the base into a pull request's branch. */
export const updateBehaviours: readonly ForgeBehaviour[] = [
  {
    name: "update: a branch that contains its base stays as it is",
    async run(harness) {
      const { pull, head } = await openWork(harness);
      expect(await harness.forge.updateBranch(harness.repository, pull, head)).toEqual({ is: "current", head });
      expect(await harness.tip(BRANCH)).toBe(head);
    },
  },
  {
    name: "update: the base is merged into a branch that is behind",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head } = await openWork(harness);
      const baseHead = await harness.commit(repository.base, { "elsewhere.txt": "x\n" });
      const result = await forge.updateBranch(repository, pull, head);
      const updated = await harness.tip(BRANCH);
      expect(result).toEqual({ is: "updated", head: updated });
      expect(await harness.parents(updated ?? "")).toEqual([head, baseHead]);
      expect(await harness.files(updated ?? "")).toMatchObject({ "elsewhere.txt": "x\n", "work.txt": "work\n" });
      expect(await forge.read(repository, pull)).toMatchObject({ head: updated, baseHead, behind: false, mergeability: "clean" });
      expect(await harness.tip(repository.base)).toBe(baseHead);
    },
  },
  {
    name: "update: repeating it with the new head changes nothing, with the old one says so",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head } = await openWork(harness);
      await harness.commit(repository.base, { "elsewhere.txt": "x\n" });
      await forge.updateBranch(repository, pull, head);
      const updated = (await harness.tip(BRANCH)) ?? "";
      expect(await forge.updateBranch(repository, pull, updated)).toEqual({ is: "current", head: updated });
      expect(await forge.updateBranch(repository, pull, head)).toEqual({ is: "head-moved" });
      expect(await harness.tip(BRANCH)).toBe(updated);
    },
  },
  {
    name: "update: a conflict changes nothing and names the files",
    async run(harness) {
      const { pull, head } = await openWork(harness, { "app.txt": "ours\n" });
      await harness.commit(harness.repository.base, { "app.txt": "theirs\n" });
      expect(await harness.forge.updateBranch(harness.repository, pull, head)).toEqual({ is: "conflicted", files: ["app.txt"] });
      expect(await harness.tip(BRANCH)).toBe(head);
    },
  },
];
