import type { StoredPreset } from "@millrace/contracts";
import type { PresetChanges, PresetReads } from "@millrace/kernel";
import { alreadyExists, inUse, limitReached, notFound } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { copyOrNull, oldestFirst } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { checkRevision, countNaming, naming, replaceIn, tasksNaming } from "./pipelines.js";

export const presetChanges: MemoryHandlers<PresetChanges> = {
  "insert-preset"(draft, { preset, createdAt, max = Number.POSITIVE_INFINITY }) {
    const { workspaceId, id } = preset;
    if (draft.tables.presets.has(keyOf(workspaceId, id))) throw alreadyExists("merge preset", id);
    checkName(draft, preset);
    needsWorkspace(draft, workspaceId);
    draft.set(draft.tables.presets, keyOf(workspaceId, id), { ...preset, createdAt, revision: 1 });
    if (ofWorkspace(draft.tables, workspaceId).length > max) throw limitReached("merge presets", max);
  },
  "update-preset"(draft, { preset, expected }) {
    const { workspaceId, id } = preset;
    const before = draft.tables.presets.get(keyOf(workspaceId, id));
    if (before === undefined) throw notFound("merge preset", id);
    checkRevision("merge preset", before, expected);
    checkName(draft, preset);
    const { createdAt, revision } = before;
    draft.set(draft.tables.presets, keyOf(workspaceId, id), { ...preset, createdAt, revision: revision + 1 });
  },
  "delete-preset"(draft, { workspaceId, id, expected, replaceBy }) {
    const { presets } = draft.tables;
    const preset = presets.get(keyOf(workspaceId, id));
    if (preset !== undefined) checkRevision("merge preset", preset, expected);
    if (draft.tables.workspaces.get(workspaceId)?.defaultPresetId === id)
      throw inUse("merge preset", id, { isDefault: "it is the default of the workspace" });
    draft.delete(presets, keyOf(workspaceId, id));
    if (replaceBy !== null && !presets.has(keyOf(workspaceId, replaceBy))) throw notFound("merge preset", replaceBy);
    for (const block of naming(draft.tables, workspaceId, "presetId", id)) {
      if (replaceBy === null) throw inUse("merge preset", id);
      replaceIn(draft, block, { presetId: replaceBy });
    }
  },
};

export function presetReads(tables: MemoryTables): PresetReads {
  return {
    get: async (workspaceId, id) => copyOrNull(tables.presets.get(keyOf(workspaceId, id))),
    getDefault: async (workspaceId) => copyOrNull(defaultPreset(tables, workspaceId)),
    list: async (workspaceId) => copyOf(ofWorkspace(tables, workspaceId)),
    uses: async (workspaceId) => countNaming(tables, workspaceId, "presetId"),
    usedBy: async (workspaceId, id, limit) => tasksNaming(tables, workspaceId, "presetId", id, limit),
  };
}

export function defaultPreset({ workspaces, presets }: MemoryTables, workspaceId: string): StoredPreset | undefined {
  const id = workspaces.get(workspaceId)?.defaultPresetId ?? null;
  return id === null ? undefined : presets.get(keyOf(workspaceId, id));
}

function ofWorkspace({ presets }: MemoryTables, workspaceId: string): readonly StoredPreset[] {
  return [...presets.values()].filter((preset) => preset.workspaceId === workspaceId).toSorted(oldestFirst);
}

function checkName({ tables }: Draft, { workspaceId, id, name }: Pick<StoredPreset, "workspaceId" | "id" | "name">): void {
  if (ofWorkspace(tables, workspaceId).some((other) => other.name === name && other.id !== id)) throw alreadyExists("merge preset", name);
}
