import { taskLimitSchema, workspaceSettingsSchema } from "@millrace/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createRandom } from "./random.logic.js";
import { capOf, drawSettings, limitOf, raised } from "./settings.logic.js";

const NEVER = Number.POSITIVE_INFINITY;

it("what is drawn can be set, and raising it loosens every cap", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const drawn = drawSettings(createRandom(seed));
      const [before, after] = [workspaceSettingsSchema.parse(drawn), workspaceSettingsSchema.parse(raised(drawn))];
      for (const scope of ["month/1970-01", "task/blk_1", "run/run_1"]) {
        const [was, is] = [capOf(scope, before), capOf(scope, after)];
        expect(was === NEVER ? is === NEVER : is > was).toBe(true);
      }
    }),
  );
});

it.each([
  [{ mode: "off" }, { ofType: false, max: NEVER }],
  [
    { mode: "shared", shared: 2 },
    { ofType: false, max: 2 },
  ],
  [
    { mode: "per-type", perType: { feature: 1 } },
    { ofType: true, max: 1 },
  ],
  [
    { mode: "per-type", perType: { bug: 1 } },
    { ofType: true, max: NEVER },
  ],
] as const)("a feature under %j: %j", (limit, expected) => {
  expect(limitOf("feature", taskLimitSchema.parse(limit))).toEqual(expected);
});
