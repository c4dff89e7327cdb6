/* oxlint-disable vitest/valid-title, vitest/expect-expect, vitest/no-conditional-tests -- titles, assertions and skips come from the behaviours; this file only registers them */
import { describe, expect, it } from "vitest";
import { checkBehaviours } from "./checks.conformance.js";
import { diffDigestBehaviours } from "./diff-digest.conformance.js";
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
  ...diffDigestBehaviours,
  ...updateBehaviours,
  ...mergeBehaviours,
  ...unknownBehaviours,
];

/** The forge under test, and the cases that do not apply to it. */
export interface ForgeConformanceOptions {
  /** Makes a fresh repository; called once for each case. */
  createHarness(options: ForgeHarnessOptions): Promise<ForgeHarness>;
  /**
   * Cases that do not apply to this forge: name to reason. A skipped case is still run and must fail, so that a skip that is no
   * longer needed turns the suite red. Default: none.
   */
  readonly skips?: Readonly<Record<string, string>>;
}

/** Registers the vitest suite that an adapter of the forge port must pass. */
export function describeForgeConformance(name: string, options: ForgeConformanceOptions): void {
  const skips = options.skips ?? {};
  describe(`forge conformance: ${name}`, () => {
    it("skips only behaviours that exist, each with a reason", () => {
      const names = new Set(behaviours.map((behaviour) => behaviour.name));
      expect(Object.keys(skips).filter((skip) => !names.has(skip) || skips[skip]?.trim() === "")).toEqual([]);
    });
    for (const behaviour of behaviours) {
      const reason = skips[behaviour.name];
      const test = async (): Promise<void> => {
        expect.hasAssertions();
        await using harness = await options.createHarness({ checks: behaviour.checks ?? [] });
        await behaviour.run(harness);
      };
      if (reason === undefined) it(behaviour.name, test);
      else it.fails(`${behaviour.name} (not here: ${reason})`, test);
    }
  });
}
