import type { eventsOfPresets, MergePreset, UpdatePreset } from "@millrace/contracts";
import type { z } from "zod";

type PresetEvent = z.infer<(typeof eventsOfPresets)[number]>;

/** Values of the members that a change changes, before and after. */
export function presetChange(preset: MergePreset, change: UpdatePreset): Pick<PresetEvent, "before" | "after"> {
  const names = (Object.keys(change) as (keyof UpdatePreset)[]).filter(
    (name) => change[name] !== undefined && change[name] !== preset[name],
  );
  const after = { ...preset, ...change };
  return {
    before: Object.fromEntries(names.map((name) => [name, preset[name]])),
    after: Object.fromEntries(names.flatMap((name) => (after[name] === undefined ? [] : [[name, after[name]]]))),
  };
}

/** What happened to a preset, as one line. */
export function describePresetEvent({ presetId, before, after }: PresetEvent): string {
  const changes = Object.keys(after).map((name) => `${name} ${before[name] ?? "-"} → ${after[name] ?? "-"}`);
  return `merge preset ${presetId} changed: ${changes.join(", ")}`;
}
