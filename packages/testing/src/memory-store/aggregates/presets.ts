import type { StoredPreset } from "@millrace/contracts";
import type { PresetChanges, PresetReads } from "@millrace/kernel";
import { alreadyExists, inUse, limitReached, MillraceError, notFound } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { copyOrNull, oldestFirst } from "../paging.js";
import { needsWorkspace } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { checkRevision, countNaming, naming, replaceIn, tasksNaming } from "./pipelines.js";

export const presetChanges: MemoryHandlers<PresetChanges> = {
  "insert-preset"(draft, { preset, createdAt, isDefault = false, max = Number.POSITIVE_INFINITY }) {
    const { workspaceId, id } = preset;
    if (draft.tables.presets.has(keyOf(workspaceId, id))) throw alreadyExists("merge preset", id);
    checkName(draft, preset);
    if (isDefault && defaultPreset(draft.tables, workspaceId) !== undefined)
      throw new MillraceError("stale_revision", `another merge preset than '${id}' was made the default meanwhile`);
    needsWorkspace(draft, workspaceId);
    draft.set(draft.tables.presets, keyOf(workspaceId, id), { ...preset, createdAt, isDefault, revision: 1 });
    if (ofWorkspace(draft.tables, workspaceId).length > max) throw limitReached("merge presets", max);
  },
  "update-preset"(draft, { preset, expected }) {
    const { workspaceId, id } = preset;
    const before = draft.tables.presets.get(keyOf(workspaceId, id));
    if (before === undefined) throw notFound("merge preset", id);
    checkRevision("merge preset", before, expected);
    checkName(draft, preset);
    const { createdAt, isDefault, revision } = before;
    draft.set(draft.tables.presets, keyOf(workspaceId, id), { ...preset, createdAt, isDefault, revision: revision + 1 });
  },
  "make-default-preset"(draft, { workspaceId, id }) {
    const { presets } = draft.tables;
    if (!presets.has(keyOf(workspaceId, id))) throw notFound("merge preset", id);
    for (const each of ofWorkspace(draft.tables, workspaceId))
      if (each.isDefault !== (each.id === id)) draft.set(presets, keyOf(workspaceId, each.id), { ...each, isDefault: each.id === id });
  },
  "delete-preset"(draft, { workspaceId, id, expected, replaceBy }) {
    const { presets } = draft.tables;
    const preset = presets.get(keyOf(workspaceId, id));
    if (preset !== undefined) checkRevision("merge preset", preset, expected);
    if (preset?.isDefault === true) throw inUse("merge preset", id, { isDefault: "it is the default of the workspace" });
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

export function defaultPreset(tables: MemoryTables, workspaceId: string): StoredPreset | undefined {
  return ofWorkspace(tables, workspaceId).find(({ isDefault }) => isDefault);
}

function ofWorkspace({ presets }: MemoryTables, workspaceId: string): readonly StoredPreset[] {
  return [...presets.values()].filter((preset) => preset.workspaceId === workspaceId).toSorted(oldestFirst);
}

function checkName({ tables }: Draft, { workspaceId, id, name }: Pick<StoredPreset, "workspaceId" | "id" | "name">): void {
  if (ofWorkspace(tables, workspaceId).some((other) => other.name === name && other.id !== id)) throw alreadyExists("merge preset", name);
}
