import type { Session, User } from "@millrace/contracts";
import { digestText as webDigest, isMillraceError, MillraceError, type ProviderProfile, type StoredSession } from "@millrace/kernel";
import { countAttempt, placeOfSource, releaseAttempt } from "../../platform/attempt-limits.logic.js";
import { appendHostEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import { refuseToken } from "../../platform/operations/access.js";
import type { Caller, Grants } from "../../platform/operations/caller.js";
import type { OperationContext } from "../../platform/operations/handler.js";
import { personOf } from "../../platform/operations/person-of.js";
import { pageOf } from "../../platform/page-of.logic.js";
import { secretToken } from "../../platform/secret-token.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { CONFIRMED_MS, credentialText, SESSION_IDLE_MS, SESSION_MS } from "./sign-in.logic.js";

/** What the module works with. */
export type SignInPorts = Pick<OrchestrationPorts, "store" | "clock" | "ids" | "log" | "passwords" | "identityProviders" | "digestText">;

/** A sign-up with a password. */
interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly invitation?: string | undefined;
}

/** What the module needs of others. Those that return changes are for a commit of this module. */
export interface SignInCalls {
  /** Roles of a user by the id of the account, read now. */
  readonly grantsOf: (userId: string) => Promise<Grants["accounts"]>;
  /** Whose sign-in it is, and the changes that make it so. */
  readonly resolveSignIn: (
    provider: string,
    profile: ProviderProfile,
    at: number,
  ) => Promise<{ readonly is: "known" | "linked" | "new"; readonly user: User; readonly changes: readonly HostChange[] }>;
  readonly linkIdentity: (userId: string, provider: string, profile: ProviderProfile, by: Authorship) => readonly HostChange[];
  /** The open invitation of that token, by the digest of the token; null: there is none. */
  readonly findInvitation: (token: string) => Promise<string | null>;
  /** @throws MillraceError `invitation_closed`, `email_mismatch`, `email_unverified`, `not_found`. */
  readonly acceptInvitation: (tokenDigest: string, user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** @throws MillraceError `sign_in_refused`, `rate_limited`, `validation`, `not_configured`. */
  readonly signUp: (caller: Caller, request: SignUp) => Promise<void>;
  /** Null: it is not that user's password. Else the changes that hash it anew, if it needs to be. A user without one takes the same time. */
  readonly verifyPassword: (userId: string, password: string) => Promise<readonly HostChange[] | null>;
  /** @throws MillraceError `invalid_credentials`, `rate_limited`, `not_configured`. */
  readonly provePassword: (userId: string, password: string) => Promise<void>;
  /** Mails are sent. */
  readonly hasMail: boolean;
}

/** A session that began. `secret` goes into a cookie, and nowhere else. */
export interface StartedSession {
  readonly user: User;
  readonly session: Session;
  readonly secret: string;
}

/** Sessions: how they begin with a password, are confirmed, and end. */
export class SessionsService {
  readonly #ports: SignInPorts;
  readonly #calls: SignInCalls;

  constructor(ports: SignInPorts, calls: SignInCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /**
   * Begins a session with an address and a password. An address that nobody has takes the same time and is refused alike.
   * @throws MillraceError `invalid_credentials`, `rate_limited`, `not_configured`.
   */
  async signIn(caller: Caller, { email, password }: { readonly email: string; readonly password: string }): Promise<StartedSession> {
    const { store, clock } = this.#ports;
    const at = clock.now();
    const place = placeOfSource(caller.source);
    const counted = [countAttempt("sign-in", [await this.#digest(email), place], at), countAttempt("source", [place], at)];
    await store.commit(counted);
    const user = await store.users.byEmail(email);
    const changes = await this.#calls.verifyPassword(user?.id ?? "", password);
    if (user === null || changes === null || user.disabledAt !== null) {
      await this.refused(caller, "password", "invalid_credentials");
      throw new MillraceError("invalid_credentials", "address or password are wrong", { fix: "check both, or set a new password by mail" });
    }
    const { started, insert } = await this.begin(caller, user, "password");
    await store.commit([...counted.map(releaseAttempt), ...changes, ...insert]);
    return started;
  }

  /** A new session of a user, and the changes that make it. */
  async begin(
    caller: Caller,
    user: User,
    way: string,
  ): Promise<{ readonly started: StartedSession; readonly insert: readonly HostChange[] }> {
    const { clock, ids } = this.#ports;
    const at = clock.now();
    const secret = secretToken();
    const session: Session = {
      id: ids.next("mrs"),
      userId: user.id,
      way,
      createdAt: at,
      lastSeenAt: at,
      expiresAt: at + SESSION_MS,
      endedAt: null,
      // Who signs in proves in that moment who they are.
      confirmedUntil: at + CONFIRMED_MS,
    };
    const by = { at, actor: { type: "human", id: user.id } } as const;
    const source = await this.#digest(placeOfSource(caller.source));
    return {
      started: { user, session, secret: credentialText({ id: session.id, secret }) },
      insert: [
        { change: "insert-session", session: { ...session, digest: await this.#digest(secret) } },
        appendHostEvent(by, { type: "session-started", userId: user.id, sessionId: session.id, way, source }),
      ],
    };
  }

  /** Writes down that somebody was refused, by no more than the digest of where they came from. */
  async refused(caller: Caller, way: string, code: string): Promise<void> {
    const { store, clock } = this.#ports;
    const source = await this.#digest(placeOfSource(caller.source));
    await store.commit([appendHostEvent({ at: clock.now(), actor: caller.actor }, { type: "sign-in-refused", way, code, source })]);
  }

  /** Ends the caller's session. Without one nothing happens. */
  async signOut(context: OperationContext): Promise<void> {
    const { session } = context.caller;
    if (session !== undefined) await this.endSession(context, session);
  }

  /** Ends a session of the caller; one that has ended, or is somebody else's, stays as it is. */
  async endSession({ caller, by, commit }: OperationContext, sessionId: string): Promise<void> {
    refuseToken(caller);
    const userId = caller.actor.id;
    try {
      await commit(
        [{ change: "end-session", userId, sessionId, at: by.at }, appendHostEvent(by, { type: "session-ended", userId, sessionId })],
        undefined,
      );
    } catch (error) {
      if (!isMillraceError(error, "not_found")) throw error;
    }
  }

  /** Ends every session of the caller but the one they have. */
  async endOthers({ caller, by, commit }: OperationContext): Promise<void> {
    refuseToken(caller);
    const ofUser = caller.actor.id;
    await commit(
      [
        { change: "end-sessions", ofUser, except: caller.session ?? null, at: by.at },
        appendHostEvent(by, { type: "session-ended", userId: ofUser, sessionId: null }),
      ],
      undefined,
    );
  }

  /** The caller's sessions that go on, newest first. */
  async list({ caller }: OperationContext, { limit, after }: { readonly limit: number; readonly after?: string | undefined }) {
    const now = this.#ports.clock.now();
    const found = await this.#ports.store.sessions.ofUser(personOf(caller), {
      limit,
      after,
      now,
      usedSince: now - SESSION_IDLE_MS,
    });
    const items = found.map((stored) => ({ ...withoutDigest(stored), isCurrent: stored.id === caller.session }));
    return pageOf(items, limit, ({ id }) => id);
  }

  /**
   * Proves with the password who the caller is, for 10 minutes of this session.
   * @throws MillraceError `invalid_credentials`, `rate_limited`, `not_configured`, `forbidden`.
   */
  async confirm({ caller, by }: OperationContext, password: string): Promise<Session> {
    const { store } = this.#ports;
    const sessionId = requireSession(caller);
    await this.#calls.provePassword(caller.actor.id, password);
    await store.commit(confirmSession(caller.actor.id, sessionId, "password", by.at));
    const found = await store.sessions.get(sessionId);
    if (found === null) throw new MillraceError("unauthenticated", "the session has ended", { fix: "sign in again" });
    return withoutDigest(found.session);
  }

  #digest(text: string): Promise<string> {
    return Promise.resolve((this.#ports.digestText ?? webDigest)(text));
  }
}

/**
 * Id of the caller's session.
 * @throws MillraceError `forbidden` without one.
 */
export function requireSession(caller: Caller): string {
  refuseToken(caller);
  if (caller.session !== undefined) return caller.session;
  throw new MillraceError("forbidden", "this needs a session", { fix: "sign in first" });
}

/** The changes that confirm a session from `at` (epoch ms) on. */
export function confirmSession(userId: string, sessionId: string, way: string, at: number): readonly HostChange[] {
  return [
    { change: "confirm-session", sessionId, until: at + CONFIRMED_MS },
    appendHostEvent({ at, actor: { type: "human", id: userId } }, { type: "session-confirmed", userId, sessionId, way }),
  ];
}

function withoutDigest({ digest: _, ...session }: StoredSession): Session {
  return session;
}
