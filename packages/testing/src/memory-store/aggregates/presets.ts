import type { MergePreset } from "@millrace/contracts";
import type { PresetChanges, PresetReads } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const presetChanges: MemoryHandlers<PresetChanges> = {
  "put-preset"(draft, { preset }) {
    needsWorkspace(draft, preset.workspaceId);
    draft.set(draft.tables.presets, keyOf(preset.workspaceId, preset.id), preset);
  },
};

export function presetReads(tables: MemoryTables): PresetReads {
  return {
    get: async (workspaceId, id) => copyOrNull(tables.presets.get(keyOf(workspaceId, id))),
    getDefault: async (workspaceId) => copyOrNull(defaultPreset(tables, workspaceId)),
  };
}

export function defaultPreset({ workspaces, presets }: MemoryTables, workspaceId: string): MergePreset | undefined {
  const id = workspaces.get(workspaceId)?.defaultPresetId ?? null;
  return id === null ? undefined : presets.get(keyOf(workspaceId, id));
}
