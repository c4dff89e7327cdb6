import type { CreatePreset, eventsOfPresets, MergePreset, StoredPreset, UpdatePreset } from "@millrace/contracts";
import { match } from "ts-pattern";
import type { z } from "zod";

type PresetEvent = z.infer<(typeof eventsOfPresets)[number]>;
type Values = Extract<PresetEvent, { type: "preset-changed" }>["before"];

/** Presets of a workspace at most. */
export const MAX_PRESETS = 50;

/** The preset as the engine reads it. */
export function policyOf({ revision: _, createdAt: __, ...policy }: StoredPreset): MergePreset {
  return policy;
}

/** Values of the members that a change changes, before and after. */
export function presetChange(preset: MergePreset, change: UpdatePreset): { readonly before: Values; readonly after: Values } {
  const names = (Object.keys(change) as (keyof UpdatePreset)[]).filter(
    (name) => change[name] !== undefined && change[name] !== preset[name],
  );
  const after = { ...preset, ...change };
  return {
    before: Object.fromEntries(names.map((name) => [name, preset[name]])),
    after: Object.fromEntries(names.flatMap((name) => (after[name] === undefined ? [] : [[name, after[name]]]))),
  };
}

/** Every value of a preset, for the event that tells of it: which ceilings there were. */
export function presetValues({
  name,
  who,
  maxComplexity,
  maxRisk,
  maxImpact,
  ciMaxAttempts,
  maxReworks,
  maxReviewIterations,
  toleratedConcern,
  releaseWatchMinutes,
  releaseMaxAttempts,
}: CreatePreset): Values {
  const ceilings = { who, maxComplexity, maxRisk, maxImpact };
  const budgets = { ciMaxAttempts, maxReworks, maxReviewIterations, toleratedConcern, releaseWatchMinutes, releaseMaxAttempts };
  return { name, ...ceilings, ...budgets };
}

/** What happened to a preset, as one line. */
export function describePresetEvent(event: PresetEvent): string {
  return match(event)
    .with({ type: "preset-created" }, ({ presetId, after }) => `merge preset ${presetId} added: ${after["name"] ?? ""}`)
    .with({ type: "preset-changed" }, ({ presetId, before, after }) => {
      const changes = Object.keys(after).map((name) => `${name} ${before[name] ?? "-"} → ${after[name] ?? "-"}`);
      return `merge preset ${presetId} changed: ${changes.join(", ")}`;
    })
    .with(
      { type: "preset-default-changed" },
      ({ presetId, before }) => `merge preset ${presetId} is the default now, after ${before ?? "none"}`,
    )
    .with({ type: "preset-removed" }, ({ presetId, replacedBy }) =>
      replacedBy === undefined ? `merge preset ${presetId} removed` : `merge preset ${presetId} removed; its tasks name ${replacedBy} now`,
    )
    .exhaustive();
}
