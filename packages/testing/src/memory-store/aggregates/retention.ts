import type { Amount, EventReads, RetentionChanges, RetentionReads, RunPart, RunRecord } from "@millrace/kernel";
import { LOG_START, notFound, runInProgress } from "@millrace/kernel";
import type { Draft, MemoryHandlers } from "../draft.js";
import { MAX_PAGE, byId, checkLimit } from "../paging.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { isLive, summary } from "./runs.js";

const MAX_COUNTED = 1000;

export const retentionChanges: MemoryHandlers<RetentionChanges> = {
  "trim-run"(draft, { workspaceId, id, part }) {
    const run = draft.tables.runs.get(keyOf(workspaceId, id));
    if (run === undefined) return;
    if (isLive(run.status)) throw runInProgress(id);
    if (!hasPart(draft.tables, run, part)) return;
    for (const { remove } of rowsOf(draft.tables, run, part)) remove(draft);
    draft.set(draft.tables.trimmed, keyOf(workspaceId, id, part), true);
  },
  "hold-run"(draft, { workspaceId, id, isHeld }) {
    const key = keyOf(workspaceId, id);
    if (!draft.tables.runs.has(key)) throw notFound("run", id);
    if (isHeld) draft.set(draft.tables.held, key, true);
    else draft.delete(draft.tables.held, key);
  },
  "trim-audit"(draft, { workspaceId, before, limit }) {
    const { audit } = draft.tables;
    const old = [...audit].flatMap(([row, entry]) =>
      entry?.workspaceId === workspaceId && entry.at < before ? [{ row, at: entry.at }] : [],
    );
    for (const { row } of old.toSorted((a, b) => a.at - b.at || a.row - b.row).slice(0, limit)) draft.set(audit, row, null);
  },
};

export function retentionReads(tables: MemoryTables): RetentionReads {
  const due = (workspaceId: string, part: RunPart, before: number): readonly RunRecord[] =>
    [...tables.runs.values()]
      .filter((run) => run.workspaceId === workspaceId && !isLive(run.status) && run.updatedAt < before)
      .filter((run) => hasPart(tables, run, part) && (part !== "notifications" || !hasOpenNotification(tables, run)))
      .toSorted((a, b) => a.updatedAt - b.updatedAt || byId(a, b));
  return {
    untrimmed: async (workspaceId, part, before, limit) =>
      due(workspaceId, part, before).slice(0, checkLimit(limit, MAX_PAGE)).map(summary),
    amount: async (workspaceId, part, before) =>
      sumOf(
        due(workspaceId, part, before)
          .slice(0, MAX_COUNTED)
          .flatMap((run) => rowsOf(tables, run, part)),
      ),
    auditAmount: async (workspaceId, before) =>
      sumOf(
        [...tables.audit.values()].flatMap((entry) => {
          if (entry?.workspaceId !== workspaceId || entry.at >= before) return [];
          const { workspaceId: _, ...stored } = entry;
          return [{ characters: JSON.stringify(stored).length }];
        }),
      ),
    isHeld: async (workspaceId, runId) => tables.held.has(keyOf(workspaceId, runId)),
  };
}

/** Whether events behind a cursor were removed. */
export function isExpiredRead({ logStarts }: MemoryTables): EventReads["isExpired"] {
  return async (workspaceId, after) => after !== LOG_START && (logStarts.get(keyOf(workspaceId)) ?? 0) > Number(after);
}

function hasPart({ trimmed, held }: MemoryTables, { workspaceId, id }: RunRecord, part: RunPart): boolean {
  return !held.has(keyOf(workspaceId, id)) && !trimmed.has(keyOf(workspaceId, id, part));
}

function hasOpenNotification({ notifications }: MemoryTables, { workspaceId, id }: RunRecord): boolean {
  return [...notifications.values()].some((each) => each.workspaceId === workspaceId && each.runId === id && each.status === "open");
}

interface Row {
  readonly characters: number;
  readonly remove: (draft: Draft) => void;
}

function rowsOf(tables: MemoryTables, { workspaceId, id }: RunRecord, part: RunPart): readonly Row[] {
  const isOfRun = (row: { readonly workspaceId: string; readonly runId: string | null }): boolean =>
    row.workspaceId === workspaceId && row.runId === id;
  const { events, sequences, outputs, notifications, usage, logStarts } = tables;
  switch (part) {
    case "events":
      return [...events].flatMap(([position, event]): readonly Row[] => {
        if (event === null || !isOfRun(event)) return [];
        const remove = (draft: Draft): void => {
          draft.set(events, position, null);
          draft.delete(sequences, keyOf(workspaceId, id, event.sequence ?? 0));
          draft.set(logStarts, keyOf(workspaceId), Math.max(logStarts.get(keyOf(workspaceId)) ?? 0, position));
        };
        return [{ characters: JSON.stringify(event.entry).length, remove }];
      });
    case "outputs": {
      const ofWorkspace = keyOf(workspaceId).slice(0, -1);
      return [...outputs].flatMap(([key, { runId, text }]) =>
        runId === id && key.startsWith(`${ofWorkspace},`)
          ? [{ characters: text.length, remove: (draft: Draft) => draft.delete(outputs, key) }]
          : [],
      );
    }
    case "notifications":
      return [...notifications].flatMap(([key, row]) =>
        isOfRun(row) && row.status !== "open"
          ? [{ characters: row.title.length + row.body.length, remove: (draft: Draft) => draft.delete(notifications, key) }]
          : [],
      );
    case "usage":
      return [...usage].flatMap(([key, row]) =>
        isOfRun(row) ? [{ characters: 0, remove: (draft: Draft) => draft.delete(usage, key) }] : [],
      );
  }
}

function sumOf(rows: readonly { readonly characters: number }[]): Amount {
  return { rows: rows.length, characters: rows.reduce((sum, { characters }) => sum + characters, 0) };
}
