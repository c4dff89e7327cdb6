/**
 * Who sends a request, told from what it brought.
 *
 * 1. A token in the header decides alone: one that is not good is refused, and no cookie is looked at beside it. A cookie that is not good
 *    proves nothing, so that its person can sign in again.
 * 2. Everything is read anew for every request: the session or token, its user, the roles. What was ended, revoked, disabled or taken away
 *    counts at the next one.
 * 3. What changes something and comes with a cookie says that a page of this host sent it.
 * 4. A host without sign-in answers requests of its own machine only, each as a request of its one person.
 */
import type { Actor } from "@millrace/contracts";
import { digestText as webDigest, isMillraceError, logFailure, MillraceError } from "@millrace/kernel";
import type { HostChange } from "../../platform/host-change.js";
import { ANONYMOUS, localOwner, type Caller, type Grants } from "../../platform/operations/caller.js";
import type { SignInSettings } from "./settings.logic.js";
import type { SignInCalls, SignInPorts } from "./sessions-service.js";
import {
  cookieNames,
  isForeign,
  isGoodSession,
  isLoopback,
  isLoopbackHost,
  isOperator,
  isSameDigest,
  machineGrants,
  readCookie,
  readCredential,
  TOUCH_MS,
  type FromBrowser,
} from "./sign-in.logic.js";

/** What a transport knows of a request. A header that is not there is null or left out. */
export interface AuthRequest extends FromBrowser {
  /** The `Cookie` header. */
  readonly cookie?: string | null;
  /** The `Authorization` header. */
  readonly authorization?: string | null;
  /** The `Host` header. */
  readonly host?: string | null;
  /** Network address of the client: `sourceOf`. */
  readonly source: string;
  /** Name of the agent that acts with a person's token, as it says itself. It then may only what the table gives to agents. */
  readonly agent?: string | null;
}

/**
 * Who sends a request; `ANONYMOUS` with its source when it proved nothing.
 * @throws MillraceError `unauthenticated` for a token that is not good; `forbidden` for what another site may have sent, and
 * on a host without sign-in, for a request from another machine.
 */
export type Authenticate = (request: AuthRequest) => Promise<Caller>;

export function createAuthenticate(ports: SignInPorts, calls: Pick<SignInCalls, "grantsOf">, settings: SignInSettings): Authenticate {
  const { store, clock, log } = ports;
  const cookies = cookieNames(settings);
  const digest = async (text: string): Promise<string> => (ports.digestText ?? webDigest)(text);

  /** A use that cannot be written down refuses no request. */
  async function touch(change: HostChange): Promise<void> {
    try {
      await store.commit([change]);
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      logFailure(log, "use-unwritten", error, {});
    }
  }

  async function byToken(text: string, { source, agent = null }: AuthRequest): Promise<Caller> {
    const now = clock.now();
    const credential = readCredential("mr", text);
    const found = credential === null ? null : await store.apiTokens.get(credential.id);
    if (credential === null || found === null || !isSameDigest(found.token.digest, await digest(credential.secret))) throw badToken();
    const { token, user } = found;
    if (!(token.expiresAt > now)) throw badToken();
    if (token.kind === "personal" && (user === null || user.disabledAt !== null)) throw badToken();
    if ((token.lastUsedAt ?? 0) < now - TOUCH_MS)
      await touch({ change: "touch-api-token", tokenId: token.id, at: now, before: now - TOUCH_MS });
    const { id, kind, scopes, workspaces } = token;
    const cut = { token: { id, kind, scopes, workspaces }, ...(token.isConfirmed ? { confirmedUntil: token.expiresAt } : {}) };
    const rest = { source, credential: text };
    if (user === null) return { actor: { type: "system", id }, grants: { ...machineGrants(token.accountId ?? ""), ...cut }, ...rest };
    const grants: Grants = { accounts: await calls.grantsOf(user.id), isOperator: isOperator(user, settings), ...cut };
    const acts: Pick<Caller, "actor" | "onBehalfOf"> =
      agent === null || agent === ""
        ? { actor: { type: "human", id: user.id, proof: `token ${id}` } }
        : { actor: { type: "agent", id: agent.slice(0, 200) }, onBehalfOf: user.id };
    return { ...acts, grants, ...rest };
  }

  async function bySession(text: string, { source }: AuthRequest): Promise<Caller | null> {
    const now = clock.now();
    const credential = readCredential("mrs", text);
    const found = credential === null ? null : await store.sessions.get(credential.id);
    if (credential === null || found === null || !isSameDigest(found.session.digest, await digest(credential.secret))) return null;
    const { session, user } = found;
    if (!isGoodSession(session, user, now)) return null;
    if (session.lastSeenAt < now - TOUCH_MS)
      await touch({ change: "touch-session", sessionId: session.id, at: now, before: now - TOUCH_MS });
    const { confirmedUntil } = session;
    return {
      actor: { type: "human", id: user.id, proof: "session" },
      grants: {
        accounts: await calls.grantsOf(user.id),
        isOperator: isOperator(user, settings),
        ...(confirmedUntil === null ? {} : { confirmedUntil }),
      },
      session: session.id,
      credential: text,
      source,
    };
  }

  return async (request) => {
    const { cookie = null, authorization = null, host = null, source } = request;
    if (settings.localPerson !== null) {
      if (!isLoopback(source) || (host !== null && !isLoopbackHost(host))) throw notLocal();
      if (isForeign(request, ownOrigins(settings, host), false)) throw foreign();
      const person: Actor = { type: "human", id: settings.localPerson };
      return { ...localOwner(person), source };
    }
    if (authorization !== null) {
      const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
      if (token === undefined) throw badToken();
      return byToken(token, request);
    }
    const browser = cookie === null ? null : readCookie(cookie, cookies.browser);
    const value = cookie === null ? null : readCookie(cookie, cookies.session);
    const caller = value === null ? null : await bySession(value, request);
    if (isForeign(request, settings.origins, caller !== null)) throw foreign();
    return { ...(caller ?? { ...ANONYMOUS, source }), ...(browser === null ? {} : { browser }) };
  };
}

/** A host of one machine need not be told its own address: it is the one it was called by. */
function ownOrigins({ origins }: SignInSettings, host: string | null): readonly string[] {
  return host === null ? origins : [...origins, `http://${host}`];
}

function badToken(): MillraceError {
  return new MillraceError("unauthenticated", "this token is not good, or not any more", {
    fix: "make a new one, and send it as: Bearer mr_…",
  });
}

function foreign(): MillraceError {
  return new MillraceError("forbidden", "a page of another site may have sent this", {
    fix: "send it from a page of this host, or with a token",
  });
}

function notLocal(): MillraceError {
  return new MillraceError("forbidden", "nobody signs in to this host, and it answers its own machine only", {
    fix: "call it there, or configure how people sign in",
  });
}
