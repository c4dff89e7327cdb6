import {
  auditOfAccount,
  readPosition,
  type AuditEntry,
  type AuditFilter,
  type AuditPage,
  type AuditReads,
  type AuditedEvent,
} from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import { MAX_PAGE, checkLimit } from "../paging.js";
import type { MemoryTables } from "../tables.js";

const MAX_EVENTS = 1000;

export function auditReads({ audit, accountEvents }: MemoryTables): AuditReads {
  return {
    ofWorkspace: async (workspaceId, filter, page) =>
      pageOf(
        [...audit].flatMap(([row, entry]) => (entry?.workspaceId === workspaceId ? [placed(row, withoutWorkspace(entry))] : [])),
        filter,
        page,
      ),
    ofAccount: async (accountId, filter, page) =>
      pageOf(
        [...accountEvents].flatMap(([row, { accountId: of, entry }]) => (of === accountId ? [placed(row, auditOfAccount(entry))] : [])),
        filter,
        page,
      ),
  };
}

interface Placed {
  readonly row: number;
  readonly entry: AuditedEvent;
}

const placed = (row: number, entry: AuditEntry): Placed => ({ row, entry: { ...entry, position: `${entry.at}.${row}` } });

function withoutWorkspace({ workspaceId: _, ...entry }: AuditEntry & { readonly workspaceId: string }): AuditEntry {
  return entry;
}

function pageOf(all: readonly Placed[], filter: AuditFilter, { limit, after, order = "newest" }: AuditPage): readonly AuditedEvent[] {
  const max = checkLimit(limit, order === "oldest" ? MAX_EVENTS : MAX_PAGE);
  const sign = order === "oldest" ? 1 : -1;
  const start = after === undefined ? null : readPosition(after);
  const compare = (a: { readonly at: number; readonly row: number }, b: { readonly at: number; readonly row: number }): number =>
    sign * (a.at - b.at || a.row - b.row);
  const keyed = all.map(({ row, entry }) => ({ at: entry.at, row, entry }));
  const found = keyed
    .filter(({ entry }) => matches(entry, filter))
    .filter((each) => start === null || compare(each, { at: start.at, row: Number(start.id) }) > 0);
  return copyOf(
    found
      .toSorted(compare)
      .map(({ entry }) => entry)
      .slice(0, max),
  );
}

function matches(entry: AuditEntry, { actor, type, blockId, from, to }: AuditFilter): boolean {
  return (
    (actor === undefined || entry.actor.id === actor) &&
    (type === undefined || entry.type === type) &&
    (blockId === undefined || entry.blockId === blockId) &&
    (from === undefined || entry.at >= from) &&
    (to === undefined || entry.at < to)
  );
}
