/**
 * Whose sign-in it is, as a pure rule over what was read.
 *
 * 1. A known identity is its user. What the provider says of the person is taken over where the person has not said otherwise here.
 * 2. A new identity whose address the provider has verified links to the user that has proven the same address.
 * 3. An address that its user has not proven goes to the newcomer who has: with it go the password, the sessions, the tokens and what was
 *    gained through the address.
 * 4. Everybody else is a new user. An address that is not verified is never stored as theirs.
 */
import type { HostEventBody, User } from "@millrace/contracts";
import type { ProviderProfile, StoredIdentity } from "@millrace/kernel";
import type { HostChange } from "../../platform/host-change.js";
import { provenEmail } from "../../platform/proven-email.logic.js";

/** A person, as a provider knows them. */
export type SignInProfile = Omit<ProviderProfile, "organizations">;

/** What was read before it is decided whose sign-in it is. */
export interface SignInFacts {
  readonly provider: string;
  readonly profile: SignInProfile;
  /** The identity of that subject, and its user. */
  readonly known: { readonly identity: StoredIdentity; readonly user: User } | null;
  /** The user that has the address of the profile. */
  readonly holder: User | null;
  /** Ids of what is made. */
  readonly fresh: { readonly userId: string; readonly identityId: string };
  readonly at: number;
}

/** Whose sign-in it is, and what it changes. */
export interface SignInPlan {
  readonly is: "known" | "linked" | "new";
  /** As it is after the changes. */
  readonly user: User;
  /** The user that loses the address; null: none. */
  readonly released: User | null;
  readonly changes: readonly HostChange[];
  readonly events: readonly HostEventBody[];
}

/** Decides whose sign-in it is. */
export function planSignIn(facts: SignInFacts): SignInPlan {
  const { known, holder, profile } = facts;
  if (known !== null) return planKnown(facts, known);
  const email = provenEmail(profile);
  if (email !== null && holder?.isEmailVerified === true) return planLinked(facts, holder);
  return planNew(facts, email);
}

function planKnown({ profile, holder, at }: SignInFacts, { identity, user }: NonNullable<SignInFacts["known"]>): SignInPlan {
  const shown = shownBy(profile);
  const follows = <T>(own: T, was: T, now: T | null): T => (now !== null && own === was ? now : own);
  const email = provenEmail(profile);
  const isOwn = email !== null && user.email === email;
  const takes = email !== null && user.email === null && holder?.isEmailVerified !== true;
  const next: User = {
    ...user,
    name: follows<string>(user.name, identity.name ?? user.name, identity.name === null ? null : shown.name),
    avatarUrl: follows(user.avatarUrl, identity.avatarUrl, shown.avatarUrl),
    email: takes ? email : user.email,
    isEmailVerified: user.isEmailVerified || isOwn || takes,
  };
  const fields = (["name", "avatarUrl", "email", "isEmailVerified"] as const).filter((field) => next[field] !== user[field]);
  const raised = fields.length === 0 ? user : { ...next, revision: user.revision + 1 };
  const released = takes ? holder : null;
  const isShown = shown.label === identity.label && shown.name === identity.name && shown.avatarUrl === identity.avatarUrl;
  return {
    is: "known",
    user: raised,
    released,
    changes: [
      ...releaseEmail(released, at),
      ...(raised === user ? [] : [{ change: "update-user", user: raised } as const]),
      ...(isShown ? [] : [{ change: "update-identity", identity: { ...identity, ...shown } } as const]),
    ],
    events: [
      ...releasedTo(released, user.id),
      ...(fields.length === 0 ? [] : [{ type: "user-changed", userId: user.id, fields } as const]),
    ],
  };
}

function planLinked(facts: SignInFacts, user: User): SignInPlan {
  return { is: "linked", user, released: null, ...planLink(facts, user.id) };
}

/** Links what a person has at a provider to a user. */
export function planLink(facts: IdentityFacts, userId: string): Pick<SignInPlan, "changes" | "events"> {
  const identity = identityOf(facts, userId);
  return { changes: [{ change: "insert-identity", identity }], events: [linked(identity)] };
}

type IdentityFacts = Pick<SignInFacts, "provider" | "profile" | "fresh" | "at">;

function planNew(facts: SignInFacts, email: string | null): SignInPlan {
  const { profile, holder, fresh, at } = facts;
  const identity = identityOf(facts, fresh.userId);
  const user = newUser({
    id: fresh.userId,
    name: nameOf(profile),
    email,
    isEmailVerified: email !== null,
    at,
    avatarUrl: identity.avatarUrl,
  });
  const released = email === null ? null : holder;
  return {
    is: "new",
    user,
    released,
    changes: [...releaseEmail(released, at), { change: "insert-user", user }, { change: "insert-identity", identity }],
    events: [...releasedTo(released, user.id), { type: "user-created", userId: user.id }, linked(identity)],
  };
}

/** A user who is there for the first time. */
export function newUser({
  at,
  avatarUrl = null,
  ...user
}: Pick<User, "id" | "name" | "email" | "isEmailVerified"> & { readonly at: number; readonly avatarUrl?: string | null }): User {
  return { ...user, avatarUrl, timezone: null, createdAt: at, disabledAt: null, revision: 1 };
}

/** What ends when a user that has not proven an address loses it to one that has. What was gained through the address is another module's. */
export function releaseEmail(holder: User | null, at: number): readonly HostChange[] {
  if (holder === null) return [];
  const { id: userId, revision } = holder;
  return [
    { change: "update-user", user: { ...holder, email: null, isEmailVerified: false, revision: revision + 1 } },
    { change: "delete-password", userId },
    { change: "end-sessions", ofUser: userId, except: null, at },
    { change: "delete-api-tokens", owner: { userId } },
    { change: "delete-mail-proofs", ofUser: userId, purpose: "address" },
    { change: "delete-mail-proofs", ofUser: userId, purpose: "password-reset" },
  ];
}

/** The event of it. */
export function releasedTo(holder: User | null, toUserId: string): readonly HostEventBody[] {
  return holder === null ? [] : [{ type: "email-released", userId: holder.id, toUserId }];
}

function identityOf({ provider, profile, fresh, at }: IdentityFacts, userId: string): StoredIdentity {
  const { subject } = profile;
  return { id: fresh.identityId, userId, provider, subject, ...shownBy(profile), digest: null, createdAt: at };
}

/** What a provider says of a person, cut to what is kept. */
function shownBy({ login, email, subject, name, avatarUrl }: SignInProfile): Pick<StoredIdentity, "label" | "name" | "avatarUrl"> {
  const isPicture = avatarUrl !== null && avatarUrl.length <= 500 && URL.parse(avatarUrl)?.protocol === "https:";
  return { label: (login ?? email ?? subject).slice(0, 320), name: asName(name), avatarUrl: isPicture ? avatarUrl : null };
}

function nameOf({ name, login, email }: SignInProfile): string {
  return asName(name) ?? asName(login) ?? nameOfAddress(email ?? "");
}

/** Name of a person who gave none: what stands before the @ of the address. */
export function nameOfAddress(email: string): string {
  return asName(email.split("@")[0] ?? "") ?? "Somebody";
}

/** A text as the name of a person: without control characters, at most 120 characters; null: nothing is left. */
function asName(text: string | null): string | null {
  const name = (text ?? "")
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, 120)
    .trim();
  return name === "" ? null : name;
}

function linked({ userId, provider, id }: StoredIdentity): HostEventBody {
  return { type: "identity-linked", userId, provider, identityId: id };
}
