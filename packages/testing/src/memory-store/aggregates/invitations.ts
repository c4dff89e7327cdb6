import type { StoredInvitation } from "@millrace/contracts";
import type { InvitationChanges, InvitationPurgeChanges, InvitationQuery, InvitationReads } from "@millrace/kernel";
import { notFound, pendingExists, pendingLimitReached, staleRecord } from "@millrace/kernel";
import type { Draft, MemoryHandlers } from "../draft.js";
import { byId, copyOrNull, oldestFirst, paged } from "../paging.js";
import { taken } from "../row-checks.js";
import type { MemoryInvitation, MemoryTables } from "../tables.js";

export const invitationChanges: MemoryHandlers<InvitationChanges & InvitationPurgeChanges> = {
  "insert-invitation"(draft, { invitation, tokenDigest, maxPending }) {
    const { accounts, invitations } = draft.tables;
    const { id, accountId, email, createdAt } = invitation;
    if (!accounts.has(accountId)) throw notFound("account", accountId);
    const pending = [...invitations.values()].filter(
      (each) => each.invitation.accountId === accountId && each.invitation.status === "pending",
    );
    if (pending.filter((each) => each.invitation.expiresAt > createdAt).length >= maxPending) throw pendingLimitReached(maxPending);
    if (invitations.has(id)) throw taken("invitation", id);
    if (pending.some((each) => each.invitation.email === email)) throw pendingExists(accountId);
    draft.set(invitations, id, { invitation, tokenDigest });
  },
  "renew-invitation"(draft, { tokenDigest, invitedBy, expiresAt, ...seen }) {
    const { invitation } = pendingAt(draft, seen);
    const renewed = { ...invitation, invitedBy, expiresAt, revision: seen.expected + 1 };
    draft.set(draft.tables.invitations, seen.invitationId, { invitation: renewed, tokenDigest });
  },
  "end-invitation"(draft, { as: status, at: endedAt, ...seen }) {
    const { invitation, tokenDigest } = pendingAt(draft, seen);
    const ended = { ...invitation, status, endedAt, revision: seen.expected + 1 };
    draft.set(draft.tables.invitations, seen.invitationId, { invitation: ended, tokenDigest });
  },
  "remove-invitations"(draft, { accountId }) {
    const { invitations } = draft.tables;
    for (const [id, { invitation }] of invitations) if (invitation.accountId === accountId) draft.delete(invitations, id);
  },
  "purge-invitations"(draft, { before, limit }) {
    const { invitations } = draft.tables;
    const over = [...invitations.values()].map(({ invitation }) => invitation).filter((each) => overAt(each) < before);
    for (const { id } of over.toSorted((a, b) => overAt(a) - overAt(b) || byId(a, b)).slice(0, limit)) draft.delete(invitations, id);
  },
};

export function invitationReads({ invitations }: MemoryTables): InvitationReads {
  const all = (): readonly StoredInvitation[] => [...invitations.values()].map(({ invitation }) => invitation);
  return {
    get: async (accountId, id) => copyOrNull(all().find((each) => each.id === id && each.accountId === accountId)),
    pendingOf: async (accountId, email) =>
      copyOrNull(all().find((each) => each.accountId === accountId && each.email === email && each.status === "pending")),
    byToken: async (tokenDigest) => copyOrNull([...invitations.values()].find((each) => each.tokenDigest === tokenDigest)?.invitation),
    list: async (accountId, query, page) =>
      paged(
        all()
          .filter((each) => each.accountId === accountId)
          .toSorted((a, b) => oldestFirst(b, a)),
        page,
        (each) => matches(each, query),
      ),
    anyOver: async (before) => all().some((each) => overAt(each) < before),
  };
}

const overAt = ({ endedAt, expiresAt }: StoredInvitation): number => endedAt ?? expiresAt;

function matches(invitation: StoredInvitation, { status, now }: InvitationQuery): boolean {
  if (status === undefined) return true;
  const isExpired = invitation.status === "pending" && invitation.expiresAt <= now;
  return status === (isExpired ? "expired" : invitation.status);
}

function pendingAt(
  { tables }: Draft,
  { accountId, invitationId, expected }: { readonly accountId: string; readonly invitationId: string; readonly expected: number },
): MemoryInvitation {
  const found = tables.invitations.get(invitationId);
  const isPending = found?.invitation.accountId === accountId && found.invitation.status === "pending";
  if (!isPending || found.invitation.revision !== expected) throw staleRecord("invitation", invitationId, expected);
  return found;
}
