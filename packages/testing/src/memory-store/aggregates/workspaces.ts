import type { Workspace } from "@millrace/contracts";
import type { WorkspaceChanges, WorkspaceReads } from "@millrace/kernel";
import { notFound, staleWorkspace, workspaceLimitReached } from "@millrace/kernel";
import type { Draft, MemoryHandlers } from "../draft.js";
import { copyOrNull, oldestFirst, paged } from "../paging.js";
import { taken } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const workspaceChanges: MemoryHandlers<WorkspaceChanges> = {
  "insert-workspace"(draft, { workspace, maxOfAccount = Infinity }) {
    const { workspaces } = draft.tables;
    if (workspaces.has(workspace.id)) throw taken("workspace", workspace.id);
    draft.set(workspaces, workspace.id, workspace);
    if (workspace.accountId === null) return;
    const ofAccount = [...workspaces.values()].filter(({ accountId }) => accountId === workspace.accountId);
    if (ofAccount.length > maxOfAccount) throw workspaceLimitReached(maxOfAccount);
  },
  "patch-workspace"(draft, { workspaceId, patch, expected }) {
    const workspace = required(draft, workspaceId);
    const { defaultPresetId } = patch;
    if (defaultPresetId !== undefined && !draft.tables.presets.has(keyOf(workspaceId, defaultPresetId)))
      throw notFound("preset", defaultPresetId);
    if (expected !== null && workspace.revision !== expected) throw staleWorkspace(workspaceId, "workspace");
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    draft.set(draft.tables.workspaces, workspaceId, { ...workspace, ...given, revision: workspace.revision + 1 });
  },
  "put-settings"(draft, { workspaceId, settings, expected }) {
    const workspace = required(draft, workspaceId);
    const { settingsRevision } = workspace;
    if (expected !== null && settingsRevision !== expected) throw staleWorkspace(workspaceId, "settings of workspace");
    draft.set(draft.tables.workspaces, workspaceId, { ...workspace, settings, settingsRevision: settingsRevision + 1 });
  },
};

function required(draft: Draft, id: string): Workspace {
  const workspace = draft.tables.workspaces.get(id);
  if (workspace === undefined) throw notFound("workspace", id);
  return workspace;
}

export function workspaceReads({ workspaces }: MemoryTables): WorkspaceReads {
  return {
    get: async (id) => copyOrNull(workspaces.get(id)),
    list: async (page) => paged([...workspaces.values()].toSorted(oldestFirst), page),
  };
}
