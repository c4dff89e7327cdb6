import { isMillraceError } from "@millrace/kernel";
import { expect } from "vitest";
import type { ForgeBehaviour } from "./harness.js";
import { BRANCH, openWork } from "./harness.js";

const nowhere = "0123456789abcdef0123456789abcdef01234567";
const codes = ["repository_missing", "forge_refused", "not_found"] as const;

/** Expects a final error: a retry would not help. */
async function expectRefused(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toSatisfy((error) => codes.some((code) => isMillraceError(error, code)));
}

/** Repositories, branches and pull requests that do not exist. */
export const unknownBehaviours: readonly ForgeBehaviour[] = [
  {
    name: "unknown: a repository that is not there",
    async run({ forge, repository }) {
      const missing = { ...repository, id: "nobody-made-this" };
      await expectRefused(forge.findPullRequest(missing, BRANCH));
      await expectRefused(forge.openPullRequest(missing, { branch: BRANCH, title: "Work", body: "" }));
      await expectRefused(forge.checks(missing, nowhere));
    },
  },
  {
    name: "unknown: a pull request that was never opened",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      const other = { ...pull, id: "987654", number: 987_654 };
      await expectRefused(forge.read(repository, other));
      await expectRefused(forge.updateBranch(repository, other, head));
      await expectRefused(forge.merge(repository, other, { head, base }, "Merge"));
      expect(await harness.tip(repository.base)).toBe(base);
    },
  },
  {
    name: "unknown: a pull request of a branch that was never pushed",
    async run({ forge, repository }) {
      await expectRefused(forge.openPullRequest(repository, { branch: "never/pushed", title: "Work", body: "" }));
      expect(await forge.findPullRequest(repository, "never/pushed")).toBeNull();
    },
  },
  {
    name: "unknown: a commit nobody has is never merged",
    async run(harness) {
      const { forge, repository } = harness;
      const { pull, head, base } = await openWork(harness);
      expect(await forge.merge(repository, pull, { head: nowhere, base }, "Merge")).toMatchObject({ is: "refused", because: "head-moved" });
      expect(await forge.merge(repository, pull, { head, base: nowhere }, "Merge")).toMatchObject({ is: "refused", because: "base-moved" });
      expect(await forge.updateBranch(repository, pull, nowhere)).toEqual({ is: "head-moved" });
      expect(await harness.tip(repository.base)).toBe(base);
    },
  },
];
