/** Settings whose home is the board's default merge preset: one key for each of its members. */
import { updatePresetSchema, type UpdatePreset } from "@millrace/contracts";
import { z } from "zod";
import { oneText, valueOf, type ConfigKey } from "./config-key.js";

const ABOUT: Readonly<Record<string, string>> = {
  name: "name of the board's merge preset",
  who: "whether changes within the ceilings merge by themselves",
  maxComplexity: "most complexity of a change that merges by itself",
  maxRisk: "most risk of a change that merges by itself",
  maxImpact: "most impact of a change that merges by itself",
  ciMaxAttempts: "repairs of red checks at most",
  maxReworks: "reworks that a companion asks for by itself at most",
  maxReviewIterations: "iterations of a review at most, before people decide",
  toleratedConcern: "worst finding that a review may leave open",
  releaseWatchMinutes: "minutes that a release is watched after its merge",
  releaseMaxAttempts: "dispatches of the on-call agent at most",
};

const names = Object.keys(updatePresetSchema.shape) as (keyof UpdatePreset)[];

export const presetKeys: readonly ConfigKey[] = names.map((name) => presetKey(name));

function presetKey(name: keyof UpdatePreset): ConfigKey {
  const field = updatePresetSchema.shape[name].unwrap();
  const key = { key: `merge.${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, values: valuesOf(field) };
  return {
    ...key,
    about: ABOUT[name] ?? "of the board's merge preset",
    read: ({ preset }) => preset[name],
    show: ({ preset }) => String(preset[name]),
    async write({ runtime, project }, { preset }, words, by) {
      const text = oneText(words);
      const value = valueOf(key, field as z.ZodType, field instanceof z.ZodNumber && text !== "" ? Number(text) : text);
      const { presets } = await runtime.open();
      await presets.update({ workspaceId: project.config.workspaceId, presetId: preset.id, input: { [name]: value }, ...by });
    },
  };
}

function valuesOf(field: z.ZodType): string {
  if (field instanceof z.ZodEnum) return field.options.join(", ");
  if (!(field instanceof z.ZodNumber)) return "a text";
  return `${field.isInt ? "a whole number" : "a number"} from ${field.minValue ?? 0} to ${field.maxValue ?? "any"}`;
}
