import { expect } from "vitest";
import type { FileChanges, ForgeBehaviour, ForgeHarness } from "./harness.js";
import { BRANCH, baseTip } from "./harness.js";

const digestOf = async (harness: ForgeHarness, head: string): Promise<string | null> =>
  harness.forge.diffDigest(harness.repository, { base: await baseTip(harness), head });

/** A branch with work, and whether its digest after another commit is the one before it. */
async function keepsDigest(harness: ForgeHarness, changes: FileChanges): Promise<boolean> {
  const before = await digestOf(harness, await harness.commit(BRANCH, { "work.txt": "work\n", "image.png": "\0one" }));
  expect(before).not.toBeNull();
  return (await digestOf(harness, await harness.commit(BRANCH, changes))) === before;
}

/** The digest of what a head changes. */
export const diffDigestBehaviours: readonly ForgeBehaviour[] = [
  {
    name: "diff: a base that moved elsewhere keeps the digest, before and after it was merged into the branch",
    async run(harness) {
      const { forge, repository } = harness;
      const head = await harness.commit(BRANCH, { "app.txt": "one\n2\nthree\n" });
      const before = await digestOf(harness, head);
      expect(before).not.toBeNull();
      const pull = await forge.openPullRequest(repository, { branch: BRANCH, title: "Work", body: "" });
      await harness.commit(repository.base, { "elsewhere.txt": "x\n" });
      expect(await digestOf(harness, head)).toBe(before);
      const updated = await forge.updateBranch(repository, pull, head);
      expect(updated.is).toBe("updated");
      expect(await digestOf(harness, (await harness.tip(BRANCH)) ?? "")).toBe(before);
    },
  },
  {
    name: "diff: an edit changes the digest, and taking it back restores it",
    async run(harness) {
      const first = await digestOf(harness, await harness.commit(BRANCH, { "work.txt": "work\n" }));
      const second = await digestOf(harness, await harness.commit(BRANCH, { "work.txt": "other work\n" }));
      const third = await digestOf(harness, await harness.commit(BRANCH, { "work.txt": "work\n" }));
      expect(second).not.toBe(first);
      expect(third).toBe(first);
    },
  },
  {
    name: "diff: white space changes the digest",
    run: async (harness) => expect(await keepsDigest(harness, { "work.txt": "  work\n" })).toBe(false),
  },
  {
    name: "diff: a rename changes the digest",
    run: async (harness) => expect(await keepsDigest(harness, { "work.txt": null, "renamed.txt": "work\n" })).toBe(false),
  },
  {
    name: "diff: another content of a binary file changes the digest",
    run: async (harness) => expect(await keepsDigest(harness, { "image.png": "\0two" })).toBe(false),
  },
  {
    name: "diff: another mode of a file changes the digest",
    async run(harness) {
      const before = await digestOf(harness, await harness.commit(BRANCH, { "work.txt": "work\n" }));
      expect(await digestOf(harness, await harness.makeExecutable(BRANCH, "work.txt"))).not.toBe(before);
    },
  },
];
