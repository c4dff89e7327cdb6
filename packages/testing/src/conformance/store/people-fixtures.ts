import type { User } from "@millrace/contracts";
import type { Change, MailProof, SignInState, StoredApiToken, StoredIdentity, StoredSession } from "@millrace/kernel";

export function aUser(id: string, over: Partial<User> = {}): User {
  return {
    id,
    name: "Ada",
    email: `${id.replaceAll("_", ".")}@example.com`,
    isEmailVerified: true,
    avatarUrl: null,
    timezone: null,
    createdAt: 1,
    disabledAt: null,
    revision: 1,
    ...over,
  };
}

export function anIdentity(userId: string, provider = "github", over: Partial<StoredIdentity> = {}): StoredIdentity {
  const subject = provider === "password" ? userId : `subject of ${userId}`;
  const own = { id: `idn_${userId}_${provider}`, userId, provider, subject, label: "ada", createdAt: 1 };
  return { ...own, name: null, avatarUrl: null, digest: provider === "password" ? "slow digest" : null, ...over };
}

export function aSession(userId: string, id: string, over: Partial<StoredSession> = {}): StoredSession {
  const times = { createdAt: 1, lastSeenAt: 1, expiresAt: 1000, endedAt: null, confirmedUntil: null };
  return { id, userId, way: "github", digest: `digest of ${id}`, ...times, ...over };
}

export function aToken(id: string, over: Partial<StoredApiToken> = {}): StoredApiToken {
  const times = { createdAt: 1, expiresAt: 1000, lastUsedAt: null };
  const owner = { kind: "personal", userId: "usr_a", accountId: null } as const;
  return {
    id,
    ...owner,
    name: "script",
    scopes: ["read"],
    workspaces: null,
    ...times,
    isConfirmed: false,
    digest: `digest of ${id}`,
    ...over,
  };
}

export function aProof(id: string, over: Partial<MailProof> = {}): MailProof {
  const own = { id, purpose: "address", digest: `digest of ${id}`, userId: "usr_a", email: "new@example.com" } as const;
  return { ...own, name: null, password: null, invitation: null, createdAt: 1, expiresAt: 1000, ...over };
}

export function aState(id: string, over: Partial<SignInState> = {}): SignInState {
  const own = { id, digest: `digest of ${id}`, browser: "browser", purpose: "sign-in", provider: "github" } as const;
  return { ...own, userId: null, sessionId: null, redirect: "https://host.example/", invitation: null, expiresAt: 1000, ...over };
}

/** A user with one way to sign in. */
export function aPerson(id: string): readonly Change<"insert-user" | "insert-identity">[] {
  return [
    { change: "insert-user", user: aUser(id) },
    { change: "insert-identity", identity: anIdentity(id) },
  ];
}
