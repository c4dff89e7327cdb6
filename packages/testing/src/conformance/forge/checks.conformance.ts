import type { Check } from "@millrace/contracts";
import { expect } from "vitest";
import type { ForgeBehaviour } from "./harness.js";
import { BRANCH } from "./harness.js";

const byName = (checks: readonly Check[]) => Object.fromEntries(checks.map((check) => [check.name, check]));

/** Checks of a commit: absent, unfinished and finished are told apart, and only finished checks are evidence. */
export const checkBehaviours: readonly ForgeBehaviour[] = [
  {
    name: "checks: none where no CI is",
    async run(harness) {
      const { forge, repository } = harness;
      expect(await forge.checks(repository, await harness.commit(BRANCH, { "work.txt": "work\n" }))).toEqual([]);
    },
  },
  {
    name: "checks: none before CI took notice of the commit",
    checks: ["unit"],
    async run(harness) {
      const { forge, repository } = harness;
      expect(await forge.checks(repository, await harness.commit(BRANCH, { "work.txt": "work\n" }))).toEqual([]);
    },
  },
  {
    name: "checks: an unfinished check has no conclusion",
    checks: ["unit", "lint"],
    async run(harness) {
      const { forge, repository } = harness;
      const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
      await harness.registerChecks(head);
      const checks = await forge.checks(repository, head);
      expect(checks.map((check) => check.name).toSorted()).toEqual(["lint", "unit"]);
      for (const check of checks) {
        expect(["queued", "in_progress"]).toContain(check.status);
        expect(check).toMatchObject({ conclusion: null, completedAt: null });
      }
    },
  },
  {
    name: "checks: each ends on its own, with its own conclusion",
    checks: ["unit", "lint"],
    async run(harness) {
      const { forge, repository } = harness;
      const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
      await harness.registerChecks(head);
      await harness.concludeCheck(head, "unit", "success");
      const half = byName(await forge.checks(repository, head));
      expect(half["unit"]).toMatchObject({ status: "completed", conclusion: "success" });
      expect(half["lint"]).toMatchObject({ conclusion: null });
      expect(half["lint"]?.status).not.toBe("completed");
      await harness.concludeCheck(head, "lint", "failure");
      const whole = byName(await forge.checks(repository, head));
      expect(whole["unit"]).toEqual(half["unit"]);
      expect(whole["lint"]).toMatchObject({ status: "completed", conclusion: "failure" });
      expect(whole["lint"]?.completedAt).toEqual(expect.any(Number));
    },
  },
  {
    name: "checks: a result speaks of its commit only",
    checks: ["unit"],
    async run(harness) {
      const { forge, repository } = harness;
      const first = await harness.commit(BRANCH, { "work.txt": "work\n" });
      await harness.registerChecks(first);
      await harness.concludeCheck(first, "unit", "success");
      const second = await harness.commit(BRANCH, { "work.txt": "work again\n" });
      expect((await forge.checks(repository, second)).filter((check) => check.status === "completed")).toEqual([]);
      await harness.registerChecks(second);
      await harness.concludeCheck(second, "unit", "failure");
      expect(await forge.checks(repository, first)).toMatchObject([{ name: "unit", conclusion: "success" }]);
      expect(await forge.checks(repository, second)).toMatchObject([{ name: "unit", conclusion: "failure" }]);
    },
  },
  {
    name: "checks: a result survives a restart",
    checks: ["unit"],
    async run(harness) {
      const { repository } = harness;
      const head = await harness.commit(BRANCH, { "work.txt": "work\n" });
      await harness.registerChecks(head);
      await harness.concludeCheck(head, "unit", "failure");
      const before = await harness.forge.checks(repository, head);
      await harness.restart();
      expect(await harness.forge.checks(repository, head)).toEqual(before);
    },
  },
];
