import type { Account, AccountDetails, Member, Membership, operations, OwnAccount, Role } from "@millrace/contracts";
import { isMillraceError, logFailure, MillraceError, notFound } from "@millrace/kernel";
import type { z } from "zod";
import { appendAccountEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import type { AccountContext, OperationContext } from "../../platform/operations/handler.js";
import { personOf } from "../../platform/operations/person-of.js";
import { pageOf } from "../../platform/page-of.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { readRoles } from "../../platform/roles.logic.js";
import { requireSeen } from "../../platform/seen.logic.js";
import {
  addMember,
  changeRoles,
  foundOrganization,
  newAccount,
  patched,
  requireKeepsOwn,
  requireOrganization,
  requireTimeZone,
  requireUnused,
  touchesOwner,
  transferChanges,
} from "./accounts.logic.js";

type HostChanges = readonly HostChange[];

/** What accounts need of other modules. */
export interface AccountsCalls {
  /** Workspaces of the account. */
  readonly countWorkspaces: (accountId: string) => Promise<number>;
  /** Services that the account offers to its boards: those that are mounted, and those that might be. */
  readonly countServices: (accountId: string) => Promise<number>;
  /** Changes that erase the keys of an account, for the commit that deletes it. */
  readonly eraseKeys: (accountId: string) => Promise<HostChanges>;
  /** Changes that remove the invitations of an account. */
  readonly removeInvitations: (accountId: string) => HostChanges;
  /** Changes that end the tokens of a person that are bound to the account. */
  readonly revokeGrants: (userId: string, accountId: string) => Promise<HostChanges>;
  /** Clears a person as the responsible one on the boards of the account. Repeated, it does nothing. */
  readonly clearResponsible: (accountId: string, userId: string) => Promise<void>;
  /** Ends what runs of the account may do in the name of a person. Repeated, it does nothing. */
  readonly endActivations: (accountId: string, userId: string) => Promise<void>;
  readonly userExists: (userId: string) => Promise<boolean>;
  /** True if the person has proven a mail address. */
  readonly hasVerifiedAddress: (userId: string) => Promise<boolean>;
}

/**
 * What accounts do where the other modules are not composed: an account has no keys, tokens and invitations to erase, and every person
 * that the host names is one, with an address that the host has proven.
 */
export const accountsAlone: Omit<AccountsCalls, "countWorkspaces"> = {
  countServices: () => Promise.resolve(0),
  eraseKeys: () => Promise.resolve([]),
  removeInvitations: () => [],
  revokeGrants: () => Promise.resolve([]),
  clearResponsible: () => Promise.resolve(),
  endActivations: () => Promise.resolve(),
  userExists: () => Promise.resolve(true),
  hasVerifiedAddress: () => Promise.resolve(true),
};

type Ports = Pick<OrchestrationPorts, "store" | "clock" | "ids" | "log">;
type InputOf<Name extends keyof typeof operations> = z.output<(typeof operations)[Name]["input"]>;

/** Accounts of a page. */
const PAGE = 200;

/** Time after which a deletion that nobody finished is finished by the sweep, in ms. */
const UNFINISHED_MS = 60_000;

/** The accounts of a host and their members. */
export class AccountsService {
  readonly #ports: Ports;
  readonly #calls: AccountsCalls;

  constructor(ports: Ports, calls: AccountsCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** Roles of a person by the id of the account, in one query. */
  async grantsOf(userId: string): Promise<Readonly<Record<string, readonly Role[]>>> {
    return Object.fromEntries(await this.#ports.store.memberships.rolesOf(userId));
  }

  /** Organisations that a person owns, at most 200: those it has to hand over before it goes. */
  async listOwned(userId: string): Promise<readonly Account[]> {
    const accounts = await this.#ports.store.memberships.accountsOf(userId, { limit: PAGE });
    return accounts.flatMap(({ account, membership }) =>
      account.kind === "organization" && membership.roles.includes("owner") ? [account] : [],
    );
  }

  /**
   * The changes that take a person out of all accounts and remove its personal one, for the commit that deletes the user. The commit fails
   * with `last_owner` where the person is the last owner of an organisation.
   * @throws MillraceError `in_use` when the personal account has workspaces.
   */
  async leaveAll(userId: string, by: Authorship): Promise<readonly HostChange[]> {
    const { memberships } = this.#ports.store;
    const changes: HostChange[] = [];
    for (let after: string | undefined; ;) {
      const page = await memberships.accountsOf(userId, { limit: PAGE, after });
      for (const { account, membership } of page)
        changes.push(...(account.kind === "personal" ? await this.#deletion(account, by) : await this.#removal(membership, by)));
      after = page.at(-1)?.account.id;
      if (page.length < PAGE) return changes;
    }
  }

  async list(
    { caller }: OperationContext,
    { limit, after }: InputOf<"accounts.list">,
  ): Promise<{ items: OwnAccount[]; nextAfter: string | null }> {
    const found = await this.#ports.store.memberships.accountsOf(personOf(caller), { limit, after });
    return pageOf(
      found.map(({ account, membership }) => ({ ...account, roles: membership.roles })),
      limit,
      ({ id }) => id,
    );
  }

  async get({ accountId, roles }: AccountContext): Promise<AccountDetails> {
    const [account, members, workspaces] = await Promise.all([
      this.#account(accountId),
      this.#ports.store.memberships.count(accountId),
      this.#calls.countWorkspaces(accountId),
    ]);
    return { ...account, roles: [...roles], members, workspaces };
  }

  async create({ by, caller, commit }: OperationContext, { name, githubLogin }: InputOf<"accounts.create">): Promise<OwnAccount> {
    const userId = personOf(caller);
    if (!(await this.#calls.hasVerifiedAddress(userId)))
      throw new MillraceError("email_unverified", "an organisation needs a founder with a proven mail address", {
        fix: "open the link in the mail that was sent to you, or ask for another one",
      });
    const account = newAccount({ id: this.#ports.ids.next("acc"), kind: "organization", name, githubLogin, createdAt: by.at });
    return commit(foundOrganization(account, userId, by), { ...account, roles: ["owner"] });
  }

  async update(context: AccountContext, { accountId, ...patch }: InputOf<"accounts.update">): Promise<OwnAccount> {
    const { by, expected, commit } = context;
    const stored = await this.#account(accountId);
    requireSeen("account", accountId, stored.revision, expected);
    if (patch.timeZone !== undefined) requireTimeZone(patch.timeZone);
    const { account, fields } = patched(stored, patch);
    const roles = [...context.roles];
    if (fields.length === 0) return { ...stored, roles };
    const changed = appendAccountEvent(accountId, by, { type: "account-changed", fields });
    return commit([{ change: "update-account", account }, changed], { ...account, roles });
  }

  async listMembers(
    { accountId }: AccountContext,
    { limit, after }: InputOf<"accounts.listMembers">,
  ): Promise<{ items: Member[]; nextAfter: string | null }> {
    const members = await this.#ports.store.memberships.ofAccount(accountId, { limit, after });
    return pageOf(members, limit, ({ userId }) => userId);
  }

  async provisionMember({ by, commit }: OperationContext, input: InputOf<"accounts.provisionMember">): Promise<Membership> {
    const { accountId, userId } = input;
    const roles = readRoles(input.roles);
    requireOrganization(await this.#account(accountId));
    if (!(await this.#calls.userExists(userId))) throw notFound("user", userId);
    return commit(addMember({ accountId, userId, roles }, by), { accountId, userId, roles, since: by.at, revision: 1 });
  }

  async setRoles(context: AccountContext, { accountId, userId, roles }: InputOf<"accounts.setRoles">): Promise<Membership> {
    const { by, caller, expected, commit } = context;
    const after = readRoles(roles);
    const [account, member] = await Promise.all([this.#account(accountId), this.#member(accountId, userId)]);
    requireOrganization(account);
    requireSeen("member", userId, member.revision, expected);
    if (touchesOwner(member.roles, after)) context.require("account.own");
    if (personOf(caller) === userId) requireKeepsOwn(member.roles, after);
    const changes = changeRoles(member, after, by);
    return changes.length === 0 ? member : commit(changes, { ...member, roles: after, revision: member.revision + 1 });
  }

  async removeMember(context: AccountContext, { accountId, userId }: InputOf<"accounts.removeMember">): Promise<void> {
    const { by, caller, expected, commit } = context;
    const isSelf = caller.actor.type === "human" && caller.actor.id === userId;
    if (!isSelf) context.require("member.manage");
    const [account, member] = await Promise.all([this.#account(accountId), this.#ports.store.memberships.get(accountId, userId)]);
    if (member === null) return;
    requireOrganization(account);
    requireSeen("member", userId, member.revision, expected);
    if (!isSelf && member.roles.includes("owner")) context.require("account.own");
    await commit(await this.#removal(member, by), undefined);
    // The person is out. What it still has on boards goes now, or with the sweep.
    await this.#depart(accountId, userId);
  }

  async transfer({ by, caller, commit }: AccountContext, { accountId, toUserId }: InputOf<"accounts.transfer">): Promise<Membership> {
    const [account, owner, next] = await Promise.all([
      this.#account(accountId),
      this.#member(accountId, personOf(caller)),
      this.#member(accountId, toUserId),
    ]);
    requireOrganization(account);
    if (!next.roles.includes("admin") || next.userId === owner.userId)
      throw new MillraceError("validation", `user '${toUserId}' is no other admin of the account`, {
        fix: "make the person an admin first",
      });
    const changes = transferChanges(owner, next, by);
    return commit(changes, { ...next, roles: readRoles([...next.roles, "owner"]), revision: next.revision + 1 });
  }

  async remove({ by, expected, commit }: AccountContext, { accountId, confirm }: InputOf<"accounts.delete">): Promise<void> {
    const account = await this.#account(accountId);
    requireSeen("account", accountId, account.revision, expected);
    if (account.kind === "personal")
      throw new MillraceError("validation", "a personal account goes with its user", { fix: "delete the user" });
    if (confirm !== account.name)
      throw new MillraceError("validation", `the account is called '${account.name}'`, { fix: "type its name to confirm" });
    const deleting = { ...account, deletingAt: by.at, revision: account.revision + 1 };
    // First the intent: nothing is made in it from here on, so what is counted below stays true.
    await commit([{ change: "update-account", account: deleting }], undefined);
    await this.#finishDeletion(deleting, by);
  }

  /** Finishes deletions that a crash left, at most `limit`. Returns how many it dealt with. */
  async finishDeletions(now: number, limit: number, signal: AbortSignal): Promise<number> {
    const left = await this.#ports.store.accounts.deleting(now - UNFINISHED_MS, limit);
    for (const account of left) {
      if (signal.aborted) break;
      try {
        await this.#finishDeletion(account, { at: this.#ports.clock.now() });
      } catch (error) {
        logFailure(this.#ports.log, "account-not-deleted", error, { accountId: account.id });
      }
    }
    return left.length;
  }

  /** Finishes departures, at most `limit`. Returns how many it dealt with. */
  async finishDepartures(limit: number, signal: AbortSignal): Promise<number> {
    const left = await this.#ports.store.memberships.departures(limit);
    for (const { accountId, userId } of left) {
      if (signal.aborted) break;
      await this.#depart(accountId, userId);
    }
    return left.length;
  }

  /** Deletes the account, or calls its deletion off where it is in use. */
  async #finishDeletion(account: Account, by: Authorship): Promise<void> {
    const { store } = this.#ports;
    try {
      await store.commit(await this.#deletion(account, by));
    } catch (error) {
      if (isMillraceError(error, "in_use"))
        await store.commit([{ change: "update-account", account: { ...account, deletingAt: null, revision: account.revision + 1 } }]);
      throw error;
    }
  }

  /** @throws MillraceError `in_use`. */
  async #deletion(account: Account, by: Authorship): Promise<HostChanges> {
    const { id, name, revision } = account;
    const [workspaces, services] = await Promise.all([this.#calls.countWorkspaces(id), this.#calls.countServices(id)]);
    requireUnused(account, { workspaces, services });
    return [
      ...(await this.#calls.eraseKeys(id)),
      ...this.#calls.removeInvitations(id),
      { change: "delete-account", accountId: id, expected: revision },
      appendAccountEvent(id, by, { type: "account-deleted", name }),
    ];
  }

  async #removal({ accountId, userId, roles, revision }: Membership, by: Authorship): Promise<HostChanges> {
    return [
      { change: "remove-membership", accountId, userId, expected: revision },
      ...(await this.#calls.revokeGrants(userId, accountId)),
      appendAccountEvent(accountId, by, { type: "member-removed", userId, roles }),
    ];
  }

  async #depart(accountId: string, userId: string): Promise<void> {
    try {
      await this.#calls.clearResponsible(accountId, userId);
      await this.#calls.endActivations(accountId, userId);
      await this.#ports.store.commit([{ change: "finish-departure", accountId, userId }]);
    } catch (error) {
      logFailure(this.#ports.log, "departure-not-finished", error, { accountId, userId });
    }
  }

  async #account(accountId: string): Promise<Account> {
    const account = await this.#ports.store.accounts.get(accountId);
    if (account === null) throw notFound("account", accountId);
    return account;
  }

  async #member(accountId: string, userId: string): Promise<Membership> {
    const member = await this.#ports.store.memberships.get(accountId, userId);
    if (member === null) throw notFound("member", userId);
    return member;
  }
}
