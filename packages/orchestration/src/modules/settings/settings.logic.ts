import { workspaceSettingsSchema, type eventsOfSettings, type JsonValue, type WorkspaceSettings } from "@millrace/contracts";
import type { z } from "zod";

type SettingsEvent = z.infer<(typeof eventsOfSettings)[number]>;

/** Values of the settings that a change changes, before and after. */
export function settingsChange(
  before: WorkspaceSettings,
  after: WorkspaceSettings,
): { readonly before: Record<string, JsonValue>; readonly after: Record<string, JsonValue> } {
  const names = namesOf(before).filter((name) => !isEqual(before[name], after[name]));
  const pick = (from: WorkspaceSettings): Record<string, JsonValue> => Object.fromEntries(names.map((name) => [name, from[name]]));
  return { before: pick(before), after: pick(after) };
}

/** Names of the settings whose value is not the default. */
export function settingsThatAreSet(settings: WorkspaceSettings): readonly string[] {
  return Object.keys(settingsChange(workspaceSettingsSchema.parse({}), settings).after);
}

/** What happened to the settings of a workspace, as one line. */
export function describeSettingsEvent({ after }: SettingsEvent): string {
  const names = Object.keys(after ?? {});
  return names.length === 0 ? "settings changed" : `settings changed: ${names.join(", ")}`;
}

const namesOf = (settings: WorkspaceSettings) => Object.keys(settings) as (keyof WorkspaceSettings)[];

/** Both come from the same schema, so equal values have equal texts. */
const isEqual = (one: JsonValue, other: JsonValue): boolean => JSON.stringify(one) === JSON.stringify(other);
