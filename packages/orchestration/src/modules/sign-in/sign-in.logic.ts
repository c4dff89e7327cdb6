/** Rules of signing in, as pure functions. */
import type { CreateToken, Session, TokenScope, User } from "@millrace/contracts";
import { capabilityTable, tokenScopeSchema } from "@millrace/contracts";
import { MillraceError, type ProviderProfile } from "@millrace/kernel";
import { provenEmail } from "../../platform/proven-email.logic.js";
import type { Grants } from "../../platform/operations/caller.js";
import type { SignInSettings } from "./settings.logic.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How long a session lives, and how long unused, in ms. */
export const SESSION_MS = 30 * DAY;
export const SESSION_IDLE_MS = 7 * DAY;
/** How long a fresh proof holds, in ms. */
export const CONFIRMED_MS = 10 * MINUTE;
/** How long a browser may be at a provider, in ms. */
export const STATE_MS = 10 * MINUTE;
/** A use is written down at most this often, in ms. */
export const TOUCH_MS = MINUTE;
/** What is over is kept this long, in ms. */
export const KEPT_MS = 30 * DAY;

const TOKEN_MS = 365 * DAY;
const DEFAULT_TOKEN_MS = 90 * DAY;

/** Scopes that a token gets only with a fresh proof: they decide, configure, hold secrets, or change who belongs. */
const PROVEN_SCOPES: ReadonlySet<TokenScope> = new Set(["answers", "config", "secrets", "members", "operator"]);

/** Scopes that a machine can use at all. */
const MACHINE_SCOPES: ReadonlySet<TokenScope> = new Set(
  Object.values(capabilityTable).flatMap(({ scope, forServiceTokens }) =>
    forServiceTokens && scope !== null && scope !== "any" ? [scope] : [],
  ),
);

/** Id and secret of a session or token; null: it is no such text. */
export interface Credential {
  readonly id: string;
  readonly secret: string;
}

/** The text that a caller brings: `mr_<id>_<secret>` of a token, `mrs_<id>_<secret>` of a session. */
export function credentialText({ id, secret }: Credential): string {
  return `${id}_${secret}`;
}

/** Reads such a text. */
export function readCredential(prefix: "mr" | "mrs", text: string): Credential | null {
  const [, kind, id = "", secret = ""] = /^(mrs?)(_[A-Za-z0-9]{1,59})_([0-9a-f]{64})$/.exec(text) ?? [];
  return kind === prefix ? { id: kind + id, secret } : null;
}

/** Equal, in a time that does not tell where they differ. */
export function isSameDigest(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}

/** Names of the cookies of a host. */
export interface CookieNames {
  /** Of the secret of a session. */
  readonly session: string;
  /** Of the secret that binds a sign-in at a provider to its browser. */
  readonly browser: string;
}

/** Names of its cookies. Over https their prefix keeps other hosts of the domain from setting them. */
export function cookieNames({ origins }: Pick<SignInSettings, "origins">): CookieNames {
  const prefix = origins[0]?.startsWith("https:") === true ? "__Host-" : "";
  return { session: `${prefix}millrace`, browser: `${prefix}millrace-browser` };
}

/** Value of a cookie in the header of a request; null: it is not there, or there twice. */
export function readCookie(header: string, name: string): string | null {
  const values = header
    .split(";")
    .map((part) => part.trim())
    .flatMap((part) => (part.startsWith(`${name}=`) ? [part.slice(name.length + 1)] : []));
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** Whether the person of a session may go on with it. */
export function isGoodSession(session: Session, user: User, now: number): boolean {
  const isUsed = now < session.lastSeenAt + SESSION_IDLE_MS;
  return session.endedAt === null && now < session.expiresAt && isUsed && user.disabledAt === null;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a browser says of where a request came from. */
export interface FromBrowser {
  readonly method: string;
  readonly origin?: string | null | undefined;
  readonly secFetchSite?: string | null | undefined;
}

/**
 * Whether a page of another site may have sent it. `mustTell`: a request that says nothing of it is taken for such a one, because a cookie
 * goes along with everything a browser sends.
 */
export function isForeign(
  { method, origin = null, secFetchSite = null }: FromBrowser,
  origins: readonly string[],
  mustTell: boolean,
): boolean {
  if (SAFE.has(method.toUpperCase())) return false;
  if (secFetchSite === "same-origin" || (origin !== null && origins.includes(origin))) return false;
  return mustTell || secFetchSite !== null || origin !== null;
}

/** Whether a request comes from this machine itself. */
export function isLoopback(source: string): boolean {
  return /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(source.toLowerCase());
}

/** Whether a `Host` header names this machine: a page of another site whose name was made to lead here has its own name in it. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}

/**
 * Network address of a client behind proxies: the last one in `X-Forwarded-For` that none of the trusted proxies is. Without a trusted
 * proxy the header is what anybody writes, and is not read.
 */
export function sourceOf(peer: string, forwardedFor: string | null, trustedProxies: readonly string[]): string {
  const hops = [...(forwardedFor ?? "").split(",").map((hop) => hop.trim()), peer].filter((hop) => hop !== "");
  return hops.findLast((hop, index) => index === 0 || !trustedProxies.includes(hop)) ?? peer;
}

/**
 * Address that a browser goes to in the end: one of the host's own pages.
 * @throws MillraceError `validation`.
 */
export function redirectWithin(redirect: string | undefined, origins: readonly string[]): string {
  const url = URL.parse(redirect ?? "/", origins[0]);
  if (url !== null && origins.includes(url.origin) && url.username === "" && url.password === "") return url.href;
  throw new MillraceError("validation", "this is no address of this host's own pages", {
    fix: "give a path, or list its origin in the configuration",
  });
}

/** Whether a person of a provider may come in for the first time without an invitation. Empty lists admit nobody. */
export function admitsProfile(provider: string, profile: ProviderProfile, { admits }: Pick<SignInSettings, "admits">): boolean {
  const email = provenEmail(profile);
  const at = (name: string): string => `${provider}:${name.toLowerCase()}`;
  return (
    (email !== null && admitsAddress(email, admits)) ||
    (profile.login !== null && admits.logins.includes(at(profile.login))) ||
    profile.organizations.some((name) => admits.organizations.includes(at(name)))
  );
}

/** Whether an address, once proven, is admitted without an invitation. */
export function admitsAddress(email: string, { domains }: Pick<SignInSettings["admits"], "domains">): boolean {
  return domains.includes(email.slice(email.lastIndexOf("@") + 1));
}

/** What a new token may: `isConfirmed` says that it was made with a fresh proof. Its times are epoch ms. */
export interface TokenPlan {
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: number;
  readonly needsProof: boolean;
}

/**
 * What a new token may, as far as the request alone says.
 * @throws MillraceError `validation`.
 */
export function planToken({ scopes, expiresAt }: CreateToken, kind: "personal" | "service", now: number): TokenPlan {
  const ends = expiresAt ?? now + DEFAULT_TOKEN_MS;
  if (ends <= now || ends > now + TOKEN_MS)
    throw new MillraceError("validation", "a token ends within 365 days from now", {
      fix: "choose an end in that time",
      details: { latest: now + TOKEN_MS },
    });
  const beyond = kind === "service" ? scopes.filter((scope) => !MACHINE_SCOPES.has(scope)) : [];
  if (beyond.length > 0)
    throw new MillraceError("validation", `a machine cannot use ${beyond.join(", ")}: what they let through is for people`, {
      fix: "leave them out",
      details: { scopes: beyond },
    });
  const each = tokenScopeSchema.options.filter((scope) => scopes.includes(scope));
  return { scopes: each, expiresAt: ends, needsProof: each.some((scope) => PROVEN_SCOPES.has(scope)) };
}

/** Whether the user is an operator, as the configuration names them. An address counts once it is proven. */
export function isOperator({ id, email, isEmailVerified }: User, { operators }: Pick<SignInSettings, "operators">): boolean {
  return operators.has(id.toLowerCase()) || (isEmailVerified && email !== null && operators.has(email));
}

/** Grants of a machine of an account: at most what a developer may. */
export function machineGrants(accountId: string): Pick<Grants, "accounts"> {
  return { accounts: { [accountId]: ["developer"] } };
}
