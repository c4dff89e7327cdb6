import { notFound, userKeptOut, type SessionChanges, type SessionReads, type StoredSession } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { oldestFirst, paged } from "../paging.js";
import { taken } from "../row-checks.js";
import { sweep } from "../sweep.js";
import type { MemoryTables } from "../tables.js";

export const sessionChanges: MemoryHandlers<SessionChanges> = {
  "insert-session"(draft, { session }) {
    const { users, sessions } = draft.tables;
    if (users.get(session.userId)?.disabledAt !== null) throw userKeptOut();
    if (sessions.has(session.id)) throw taken("session", session.id);
    draft.set(sessions, session.id, session);
  },
  "confirm-session"(draft, { sessionId, until }) {
    draft.set(draft.tables.sessions, sessionId, { ...requireLive(draft, sessionId), confirmedUntil: until });
  },
  "end-session"(draft, { userId, sessionId, at }) {
    const session = requireLive(draft, sessionId);
    if (session.userId !== userId) throw notFound("session", sessionId);
    draft.set(draft.tables.sessions, sessionId, { ...session, endedAt: at });
  },
  "end-sessions"(draft, { ofUser, except, at }) {
    const { sessions } = draft.tables;
    for (const session of sessions.values())
      if (session.userId === ofUser && session.id !== except && session.endedAt === null)
        draft.set(sessions, session.id, { ...session, endedAt: at });
  },
  "touch-session"(draft, { sessionId, at, before }) {
    const session = draft.tables.sessions.get(sessionId);
    if (session !== undefined && session.lastSeenAt < before) draft.set(draft.tables.sessions, sessionId, { ...session, lastSeenAt: at });
  },
};

function requireLive(draft: Draft, id: string): StoredSession {
  const session = draft.tables.sessions.get(id);
  if (session === undefined || session.endedAt !== null) throw notFound("session", id);
  return session;
}

export function sessionReads({ sessions, users }: MemoryTables): SessionReads {
  return {
    async get(id) {
      const session = sessions.get(id);
      const user = session === undefined ? undefined : users.get(session.userId);
      return session === undefined || user === undefined ? null : copyOf({ session, user });
    },
    ofUser: async (userId, { now, usedSince, ...page }) =>
      paged(
        [...sessions.values()]
          .filter((session) => session.userId === userId)
          .toSorted(oldestFirst)
          .toReversed(),
        page,
        ({ endedAt, expiresAt, lastSeenAt }) => endedAt === null && expiresAt > now && lastSeenAt > usedSince,
      ),
    deleteOver: async (before, limit) => sweep(sessions, ({ endedAt, expiresAt }) => (endedAt ?? expiresAt) < before, limit),
  };
}
