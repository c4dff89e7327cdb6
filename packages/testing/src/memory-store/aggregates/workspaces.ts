import type { WorkspaceChanges, WorkspaceReads } from "@millrace/kernel";
import { notFound } from "@millrace/kernel";
import type { MemoryHandlers } from "../draft.js";
import { copyOrNull, oldestFirst, paged } from "../paging.js";
import { taken } from "../row-checks.js";
import type { MemoryTables } from "../tables.js";

export const workspaceChanges: MemoryHandlers<WorkspaceChanges> = {
  "insert-workspace"(draft, { workspace }) {
    const { workspaces } = draft.tables;
    if (workspaces.has(workspace.id)) throw taken("workspace", workspace.id);
    draft.set(workspaces, workspace.id, workspace);
  },
  "put-settings"(draft, { workspaceId, settings }) {
    const { workspaces } = draft.tables;
    const workspace = workspaces.get(workspaceId);
    if (workspace === undefined) throw notFound("workspace", workspaceId);
    draft.set(workspaces, workspace.id, { ...workspace, settings });
  },
};

export function workspaceReads({ workspaces }: MemoryTables): WorkspaceReads {
  return {
    get: async (id) => copyOrNull(workspaces.get(id)),
    list: async (page) => paged([...workspaces.values()].toSorted(oldestFirst), page),
  };
}
