import { describe, expect, it } from "vitest";
import { checkBehaviours } from "./checks.conformance.js";
import type { ForgeBehaviour, ForgeHarness, ForgeHarnessOptions } from "./harness.js";
import { mergeBehaviours } from "./merge.conformance.js";
import { openBehaviours } from "./open.conformance.js";
import { readBehaviours } from "./read.conformance.js";
import { unknownBehaviours } from "./unknown.conformance.js";
import { updateBehaviours } from "./update-branch.conformance.js";

const behaviours: readonly ForgeBehaviour[] = [
  ...openBehaviours,
  ...readBehaviours,
  ...checkBehaviours,
  ...updateBehaviours,
  ...mergeBehaviours,
  ...unknownBehaviours,
];

export interface ForgeConformanceOptions {
  /** A fresh repository for each behaviour. */
  createHarness(options: ForgeHarnessOptions): Promise<ForgeHarness>;
  /**
   * Behaviours this forge does not have, by name, each with its reason. A skipped behaviour is still run and must fail: a skip
   * that is no longer needed turns the suite red.
   */
  readonly skips?: Readonly<Record<string, string>>;
}

/** Holds an adapter of the forge port to the contract that all forges share. */
export function describeForgeConformance(name: string, options: ForgeConformanceOptions): void {
  const skips = options.skips ?? {};
  const skipped = behaviours.flatMap((behaviour) => {
    const reason = skips[behaviour.name];
    return reason === undefined ? [] : [{ name: behaviour.name, reason, behaviour }];
  });
  describe(`forge conformance: ${name}`, () => {
    it("skips only behaviours that exist, each with a reason", () => {
      const names = new Set(behaviours.map((behaviour) => behaviour.name));
      expect(Object.keys(skips).filter((skip) => !names.has(skip) || skips[skip]?.trim() === "")).toEqual([]);
    });
    it.each(behaviours.filter((behaviour) => skips[behaviour.name] === undefined))("$name", async (behaviour) => {
      expect.hasAssertions();
      await using harness = await options.createHarness({ checks: behaviour.checks ?? [] });
      await behaviour.run(harness);
    });
    it.fails.each(skipped)("$name (not here: $reason)", async ({ behaviour }) => {
      expect.hasAssertions();
      await using harness = await options.createHarness({ checks: behaviour.checks ?? [] });
      await behaviour.run(harness);
    });
  });
}
