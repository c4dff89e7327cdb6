import type { Workspace } from "@millrace/contracts";
import type { WorkspaceChanges, WorkspaceErasure, WorkspaceReads } from "@millrace/kernel";
import { notFound, readPosition, runInProgress, staleWorkspace, workspaceInUse, workspaceLimitReached } from "@millrace/kernel";
import type { Draft, MemoryHandlers } from "../draft.js";
import { copyOf } from "../copy.logic.js";
import { MAX_PAGE, checkLimit, copyOrNull, oldestFirst, paged } from "../paging.js";
import { taken } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const workspaceChanges: MemoryHandlers<WorkspaceChanges> = {
  "insert-workspace"(draft, { workspace, maxOfAccount = Infinity }) {
    const { workspaces } = draft.tables;
    if (workspaces.has(workspace.id)) throw taken("workspace", workspace.id);
    draft.set(workspaces, workspace.id, workspace);
    checkAccount(draft, workspace.accountId, maxOfAccount);
  },
  "patch-workspace"(draft, { workspaceId, patch: { deletion, ...patch }, expected, maxOfAccount = Infinity, isIdle = false }) {
    const workspace = required(draft, workspaceId);
    const { defaultPresetId } = patch;
    if (defaultPresetId !== undefined && !draft.tables.presets.has(keyOf(workspaceId, defaultPresetId)))
      throw notFound("preset", defaultPresetId);
    if (expected !== null && workspace.revision !== expected) throw staleWorkspace(workspaceId, "workspace");
    const live = [...draft.tables.liveRuns.values()]
      .map((key) => draft.tables.runs.get(key))
      .find((run) => run?.workspaceId === workspaceId);
    if (isIdle && live !== undefined) throw runInProgress(live.blockId);
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const deleting = deletion === undefined ? {} : { deletingAt: deletion.at, deletingBy: deletion.by };
    draft.set(draft.tables.workspaces, workspaceId, { ...workspace, ...given, ...deleting, revision: workspace.revision + 1 });
    if (patch.accountId !== undefined) checkAccount(draft, patch.accountId, maxOfAccount);
  },
  "put-settings"(draft, { workspaceId, settings, expected }) {
    const workspace = required(draft, workspaceId);
    const { settingsRevision } = workspace;
    if (expected !== null && settingsRevision !== expected) throw staleWorkspace(workspaceId, "settings of workspace");
    draft.set(draft.tables.workspaces, workspaceId, { ...workspace, settings, settingsRevision: settingsRevision + 1 });
  },
};

/** Erases the rows of all tables that belong to the workspace, whatever they are called. */
export const workspaceErasure: MemoryHandlers<WorkspaceErasure> = {
  "erase-workspace"(draft, { workspaceId, limit }) {
    const { workspaces, ...tables } = draft.tables;
    for (const table of Object.values<Map<unknown, unknown>>(tables))
      for (const [key] of rowsOf(table, workspaceId).slice(0, limit)) {
        // Positions have no gaps.
        if (typeof key === "number") draft.set(table, key, null);
        else draft.delete(table, key);
      }
  },
  "remove-workspace"(draft, { workspaceId }) {
    if (!isEmpty(draft.tables, workspaceId)) throw workspaceInUse(workspaceId);
    draft.delete(draft.tables.workspaces, workspaceId);
  },
};

function isEmpty({ workspaces: _, ...tables }: MemoryTables, workspaceId: string): boolean {
  return Object.values<Map<unknown, unknown>>(tables).every((table) => rowsOf(table, workspaceId).length === 0);
}

/** Rows that name the workspace, or whose key begins with its id. */
function rowsOf(table: Map<unknown, unknown>, workspaceId: string): readonly (readonly [unknown, unknown])[] {
  const prefix = keyOf(workspaceId).slice(0, -1);
  return [...table].filter(([key, row]) => {
    const named = row !== null && typeof row === "object" && "workspaceId" in row ? row.workspaceId : undefined;
    return named === workspaceId || (typeof key === "string" && (key.startsWith(`${prefix},`) || key === `${prefix}]`));
  });
}

function checkAccount(draft: Draft, accountId: string | null, max: number): void {
  if (accountId === null) return;
  const ofAccount = [...draft.tables.workspaces.values()].filter((other) => other.accountId === accountId);
  if (ofAccount.length > max) throw workspaceLimitReached(max);
}

function required(draft: Draft, id: string): Workspace {
  const workspace = draft.tables.workspaces.get(id);
  if (workspace === undefined) throw notFound("workspace", id);
  return workspace;
}

export function workspaceReads(tables: MemoryTables): WorkspaceReads {
  const { workspaces } = tables;
  return {
    countOf: async (accountId) => [...workspaces.values()].filter((each) => each.accountId === accountId).length,
    async ofAccounts(accountIds, text = "", { limit, after }) {
      const before = after === undefined ? null : readPosition(after);
      const isBehind = ({ createdAt, id }: Workspace): boolean =>
        before === null || createdAt < before.at || (createdAt === before.at && id < before.id);
      const found = [...workspaces.values()].filter(
        (each) => accountIds.includes(each.accountId) && each.name.toLowerCase().includes(text.toLowerCase()) && isBehind(each),
      );
      return copyOf(found.toSorted((a, b) => oldestFirst(b, a)).slice(0, checkLimit(limit, MAX_PAGE)));
    },
    async deleting(limit) {
      const found = [...workspaces.values()].flatMap((each) =>
        each.deletingAt === null ? [] : [{ ...each, createdAt: each.deletingAt, each }],
      );
      return copyOf(
        found
          .toSorted(oldestFirst)
          .map(({ each }) => each)
          .slice(0, checkLimit(limit, MAX_PAGE)),
      );
    },
    isEmpty: async (id) => isEmpty(tables, id),
    get: async (id) => copyOrNull(workspaces.get(id)),
    list: async (page) => paged([...workspaces.values()].toSorted(oldestFirst), page),
  };
}
