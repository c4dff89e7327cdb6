import type { SharedService } from "@millrace/contracts";
import type { DirectoryEntry, ServiceChanges, ServiceReads, ServiceShare } from "@millrace/kernel";
import { folderTaken, notFound, serviceShown, serviceTaken } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { byId, checkLimit, compare, copyOrNull, MAX_PAGE, oldestFirst, paged } from "../paging.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const serviceChanges: MemoryHandlers<ServiceChanges> = {
  "put-service"(draft, { accountId, service, dueAt }) {
    const { services } = draft.tables;
    const before = services.get(service.id);
    for (const other of services.values())
      if (other.accountId === accountId && other.id !== service.id && overlap(other, service)) throw folderTaken(service);
    if (before !== undefined && (before.accountId !== service.accountId || before.homeId !== service.homeId))
      throw serviceTaken(service.id);
    const kept = before === undefined ? { isClosing: false, createdAt: service.createdAt } : before;
    draft.set(services, service.id, { ...service, isClosing: kept.isClosing, createdAt: kept.createdAt, dueAt });
  },
  "close-service"(draft, { accountId, id, detach, dueAt }) {
    const entry = entryOf(draft, accountId, id);
    if (!detach && sharesOf(draft.tables, accountId, id).length > 0) throw serviceShown(id);
    draft.set(draft.tables.services, id, { ...entry, isClosing: true, dueAt });
  },
  "reopen-service"(draft, { accountId, id }) {
    draft.set(draft.tables.services, id, { ...entryOf(draft, accountId, id), isClosing: false, dueAt: null });
  },
  "withdraw-service"(draft, { accountId, id }) {
    const { services, shares } = draft.tables;
    entryOf(draft, accountId, id);
    for (const share of sharesOf(draft.tables, accountId, id)) draft.delete(shares, shareKey(share));
    draft.delete(services, id);
  },
  "share-service"(draft, { accountId, serviceId, workspaceId, dueAt }) {
    if (entryOf(draft, accountId, serviceId).isClosing) throw notFound("service", serviceId);
    draft.set(draft.tables.shares, shareKey({ serviceId, workspaceId }), { accountId, serviceId, workspaceId, dueAt });
  },
  "settle-share"(draft, { accountId, dueAt, ...of }) {
    const { shares } = draft.tables;
    const share = shares.get(shareKey(of));
    if (share?.accountId === accountId) draft.set(shares, shareKey(of), { ...share, dueAt });
  },
  "unshare-service"(draft, { accountId, ...of }) {
    const { shares } = draft.tables;
    if (shares.get(shareKey(of))?.accountId === accountId) draft.delete(shares, shareKey(of));
  },
};

const shareKey = ({ serviceId, workspaceId }: Pick<ServiceShare, "serviceId" | "workspaceId">): string => keyOf(serviceId, workspaceId);

function entryOf({ tables }: Draft, accountId: string, id: string): DirectoryEntry {
  const entry = tables.services.get(id);
  if (entry?.accountId !== accountId) throw notFound("service", id);
  return entry;
}

function sharesOf({ shares }: MemoryTables, accountId: string, serviceId: string): readonly ServiceShare[] {
  return [...shares.values()].filter((share) => share.accountId === accountId && share.serviceId === serviceId);
}

/** One folder is the other, or lies in it. */
function overlap(one: SharedService, other: SharedService): boolean {
  if (one.repository === null || other.repository === null) return false;
  if (one.repository.forge !== other.repository.forge || one.repository.id !== other.repository.id) return false;
  const [a, b] = [folderOf(one), folderOf(other)];
  return a.startsWith(b) || b.startsWith(a);
}

const folderOf = ({ directory }: SharedService): string => (directory === null ? "/" : `/${directory.toLowerCase()}/`);

export function serviceReads(tables: MemoryTables): ServiceReads {
  const { services, shares } = tables;
  const ofAccount = (accountId: string): readonly DirectoryEntry[] =>
    [...services.values()].filter((entry) => entry.accountId === accountId);
  const isDue =
    (now: number) =>
    ({ dueAt }: { readonly dueAt: number | null }): boolean =>
      dueAt !== null && dueAt <= now;
  return {
    async get(accountId, id) {
      const entry = services.get(id);
      return entry?.accountId === accountId ? copyOrNull(entry) : null;
    },
    async list(accountId, page) {
      const entries = paged(ofAccount(accountId).toSorted(oldestFirst), page, (entry) => !entry.isClosing);
      return entries.map(({ isClosing: _, dueAt: __, ...service }) => ({
        ...service,
        boards: sharesOf(tables, accountId, service.id).length,
      }));
    },
    async sharesOfHome(accountId, homeId, limit) {
      const found = ofAccount(accountId)
        .filter((entry) => entry.homeId === homeId)
        .toSorted(byId)
        .flatMap(({ id }) => sharesOf(tables, accountId, id).toSorted((a, b) => compare(a.workspaceId, b.workspaceId)));
      return copyOf(found.slice(0, checkLimit(limit, MAX_PAGE)));
    },
    async sharesOf(accountId, serviceId, limit) {
      const found = sharesOf(tables, accountId, serviceId).toSorted((a, b) => compare(a.workspaceId, b.workspaceId));
      return copyOf(found.slice(0, checkLimit(limit, MAX_PAGE)));
    },
    async ofHome(accountId, homeId, after, limit) {
      const found = ofAccount(accountId).filter((entry) => entry.homeId === homeId && compare(entry.id, after ?? "") > 0);
      return copyOf(found.toSorted(byId).slice(0, checkLimit(limit, MAX_PAGE)));
    },
    async sharesOn(accountId, workspaceId, limit) {
      const found = [...shares.values()].filter((share) => share.accountId === accountId && share.workspaceId === workspaceId);
      return copyOf(found.toSorted((a, b) => compare(a.serviceId, b.serviceId)).slice(0, checkLimit(limit, MAX_PAGE)));
    },
    async due(now, limit) {
      const found = [...services.values()].filter(isDue(now)).toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || byId(a, b));
      return copyOf(found.slice(0, checkLimit(limit, MAX_PAGE)));
    },
    async dueShares(now, limit) {
      const found = [...shares.values()]
        .filter(isDue(now))
        .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || compare(shareKey(a), shareKey(b)));
      return copyOf(found.slice(0, checkLimit(limit, MAX_PAGE)));
    },
  };
}
