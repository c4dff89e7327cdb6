import { mergePresetSchema, updatePresetSchema } from "@millrace/contracts";
import { expect, it } from "vitest";
import { describePresetEvent, presetChange } from "./merge-presets.logic.js";

const preset = mergePresetSchema.parse({
  id: "mpr_1",
  workspaceId: "ws_1",
  name: "Balanced",
  maxComplexity: 0.5,
  maxRisk: 0.4,
  maxImpact: 0.5,
  ciMaxAttempts: 2,
});

it("F:E9 names what a change of a preset changes, and fills nothing in", () => {
  expect(updatePresetSchema.parse({ maxRisk: 0.2 })).toEqual({ maxRisk: 0.2 });
  const change = presetChange(preset, { maxRisk: 0.2, maxImpact: 0.5 });
  expect(change).toEqual({ before: { maxRisk: 0.4 }, after: { maxRisk: 0.2 } });
  expect(describePresetEvent({ type: "preset-changed", presetId: "mpr_1", ...change })).toBe(
    "merge preset mpr_1 changed: maxRisk 0.4 → 0.2",
  );
});
