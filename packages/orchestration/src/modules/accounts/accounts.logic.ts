import type { Account, Membership, Role } from "@millrace/contracts";
import { MillraceError, type Change } from "@millrace/kernel";
import { appendAccountEvent, type Authorship } from "../../platform/board-event.logic.js";
import { rolesInOrder } from "../../platform/roles.logic.js";

/** Organisations that one person owns at most. */
const MAX_OWNED = 20;

/** Changes that found an account: of the account, or of the host that makes a user in the same commit. */
export type FoundingChange = Change<"insert-account" | "insert-membership" | "append-account-event">;

/** The person that a personal account is made for. */
export interface Founder {
  /** Id of its user. */
  readonly id: string;
  readonly name: string;
}

/** Id of the personal account of a user: the same every time, so that no user has two. */
export function personalAccountId(userId: string): string {
  return `acc_${userId.replace(/^usr_/, "")}`.slice(0, 64);
}

/** The changes that make the personal account of a new user, for the commit that makes the user. */
export function createPersonalAccount({ id: userId, name }: Founder, by: Authorship): readonly FoundingChange[] {
  const account = newAccount({ id: personalAccountId(userId), kind: "personal", name, createdAt: by.at });
  return [{ change: "insert-account", account }, ...founding(account, userId, by)];
}

/** The changes that found an organisation, whose owner is the founder. */
export function foundOrganization(account: Account, userId: string, by: Authorship): readonly FoundingChange[] {
  return [{ change: "insert-account", account, limit: { ownerId: userId, maxOwned: MAX_OWNED } }, ...founding(account, userId, by)];
}

/** An account as it is founded. */
export function newAccount(fields: Pick<Account, "id" | "kind" | "name" | "createdAt"> & Partial<Pick<Account, "githubLogin">>): Account {
  return { githubLogin: null, timeZone: "UTC", defaultCloudProvider: null, deletingAt: null, revision: 1, ...fields };
}

function founding({ id: accountId, name }: Account, userId: string, by: Authorship): readonly FoundingChange[] {
  return [appendAccountEvent(accountId, by, { type: "account-created", name }), ...addMember({ accountId, userId, roles: ["owner"] }, by)];
}

/** The changes that make a person a member of an account. */
export function addMember(
  { accountId, userId, roles }: Pick<Membership, "accountId" | "userId" | "roles">,
  by: Authorship,
): readonly Change<"insert-membership" | "append-account-event">[] {
  return [
    { change: "insert-membership", membership: { accountId, userId, roles, since: by.at, revision: 1 } },
    appendAccountEvent(accountId, by, { type: "member-added", userId, roles }),
  ];
}

/** The changes that give a member other roles; none when it has them. */
export function changeRoles(member: Membership, roles: Role[], by: Authorship): readonly Change<"put-roles" | "append-account-event">[] {
  const { accountId, userId, roles: before, revision } = member;
  if (isSame(before, roles)) return [];
  return [
    { change: "put-roles", accountId, userId, roles, expected: revision },
    appendAccountEvent(accountId, by, { type: "member-roles-changed", userId, before, after: roles }),
  ];
}

/** The changes that give a person these roles beside those that it has: nothing is taken from anybody. */
export function grantRoles(
  member: Membership | null,
  granted: Pick<Membership, "accountId" | "userId" | "roles">,
  by: Authorship,
): readonly Change<"insert-membership" | "put-roles" | "append-account-event">[] {
  if (member === null) return addMember(granted, by);
  return changeRoles(member, rolesInOrder([...member.roles, ...granted.roles]), by);
}

/** The changes that make `next` the owner in the place of `owner`, who stays as an admin. */
export function transferChanges(
  owner: Membership,
  next: Membership,
  by: Authorship,
): readonly Change<"put-roles" | "append-account-event">[] {
  const stays = rolesInOrder([...owner.roles.filter((role) => role !== "owner"), "admin"]);
  return [...changeRoles(next, rolesInOrder([...next.roles, "owner"]), by), ...changeRoles(owner, stays, by)];
}

function isSame(one: readonly Role[], other: readonly Role[]): boolean {
  return one.length === other.length && one.every((role) => other.includes(role));
}

/** True if a change of roles gives or takes that of the owner, which only an owner does. */
export function touchesOwner(before: readonly Role[], after: readonly Role[]): boolean {
  return before.includes("owner") !== after.includes("owner");
}

/**
 * Refuses that a person takes the roles from itself by which it manages the account: a slip of the hand would leave it locked out.
 * @throws MillraceError `validation`.
 */
export function requireKeepsOwn(before: readonly Role[], after: readonly Role[]): void {
  const lost = (["owner", "admin"] as const).filter((role) => before.includes(role) && !after.includes(role));
  if (lost.length === 0) return;
  throw new MillraceError("validation", `this would take the role '${lost.join("', '")}' from yourself`, {
    fix: "ask another owner or admin, transfer the account, or leave it",
  });
}

/**
 * Refuses what only organisations have: members beside the one person.
 * @throws MillraceError `validation`.
 */
export function requireOrganization({ id, kind }: Pick<Account, "id" | "kind">): void {
  if (kind === "organization") return;
  throw new MillraceError("validation", `account '${id}' is personal: its owner is its only member`, {
    fix: "found an organisation, and invite others into it",
    details: { accountId: id },
  });
}

/**
 * Refuses a zone that no clock knows.
 * @throws MillraceError `validation`.
 */
export function requireTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw new MillraceError("validation", `'${timeZone}' is no time zone`, { fix: "name one as IANA does: Europe/Berlin, UTC" });
  }
}

type Patchable = Pick<Account, "name" | "githubLogin" | "timeZone" | "defaultCloudProvider">;

/** What is changed of an account; what is left out stays. */
export type AccountPatch = { readonly [Name in keyof Patchable]?: Patchable[Name] | undefined };

/** The account with the change, and the names of the members that it changes. */
export function patched(account: Account, patch: AccountPatch): { readonly account: Account; readonly fields: string[] } {
  const fields = (Object.keys(patch) as (keyof AccountPatch)[]).filter(
    (name) => patch[name] !== undefined && patch[name] !== account[name],
  );
  const changes = Object.fromEntries(fields.map((name) => [name, patch[name]])) as Partial<Patchable>;
  return { account: { ...account, ...changes, revision: account.revision + 1 }, fields };
}

/** What is left in an account, and keeps it from being deleted. */
export interface Remains {
  readonly workspaces: number;
  readonly services: number;
}

/**
 * Refuses to delete an account that is in use.
 * @throws MillraceError `in_use`.
 */
export function requireUnused(account: Account, { workspaces, services }: Remains): void {
  if (workspaces === 0 && services === 0) return;
  throw new MillraceError("in_use", `account '${account.name}' has ${workspaces} workspaces and ${services} services`, {
    fix: "delete its workspaces first, or transfer them to another account",
    details: { workspaces, services },
  });
}
