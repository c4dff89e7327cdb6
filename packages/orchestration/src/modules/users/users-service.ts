import type { HostEventBody, Me, UpdateMe, User } from "@millrace/contracts";
import { assertFound, isMillraceError, lastIdentity, MillraceError } from "@millrace/kernel";
import { appendHostEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import { provenEmail } from "../../platform/proven-email.logic.js";
import type { Caller } from "../../platform/operations/caller.js";
import { refuseToken } from "../../platform/operations/access.js";
import type { OperationContext } from "../../platform/operations/handler.js";
import { personOf } from "../../platform/operations/person-of.js";
import { pageOf } from "../../platform/page-of.logic.js";
import { requireSeen } from "../../platform/seen.logic.js";
import { planLink, planSignIn, type SignInPlan, type SignInProfile } from "./resolve-sign-in.logic.js";
import type { ComposedPorts } from "../../platform/ports.js";
import type { PublicUrl } from "../../platform/public-url.logic.js";
import { meOf } from "./me.js";
import { changedProfile } from "./users.logic.js";

/** What the module works with. */
export type UsersPorts = Pick<ComposedPorts, "store" | "clock" | "ids" | "mailer" | "passwords" | "digestText">;

/** What the module needs of others. Those that return changes are for a commit of this module. */
export interface UsersCalls {
  /** The account of the user alone, of which they are owner. */
  readonly createPersonalAccount: (user: User, by: Authorship) => readonly HostChange[];
  /**
   * Takes a user out of all accounts, and removes the personal one.
   * @throws MillraceError `last_owner`, `in_use`.
   */
  readonly leaveAccounts: (user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** The open invitation of that token and address, by the digest of the token; null: there is none. */
  readonly findInvitation: (token: string, email: string) => Promise<string | null>;
  /**
   * Accepts an invitation for a user who is there, or will be with the commit.
   * @throws MillraceError `invitation_closed`, `email_mismatch`, `email_unverified`, `not_found`.
   */
  readonly acceptInvitation: (tokenDigest: string, user: User, by: Authorship) => Promise<readonly HostChange[]>;
  /** Whether an address may sign up without an invitation. */
  readonly admits: (email: string) => boolean;
  readonly publicUrl: PublicUrl;
}

/** Whose sign-in it is, and the changes that make it so: they land in the commit of the session. */
export interface ResolvedSignIn extends Pick<SignInPlan, "is" | "user"> {
  readonly changes: readonly HostChange[];
}

/** Users, and the ways in which they sign in. */
export class UsersService {
  readonly #ports: UsersPorts;
  readonly #calls: UsersCalls;

  constructor(ports: UsersPorts, calls: UsersCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** The caller, and what it may do. */
  async me(caller: Caller): Promise<Me> {
    const { users } = this.#ports.store;
    const id = personOf(caller);
    const user = await users.get(id);
    return meOf(caller, user, user === null ? [] : await users.identities(id));
  }

  /**
   * The user of the caller.
   * @throws MillraceError `not_found` on a host that keeps no users.
   */
  async own({ caller }: Pick<OperationContext, "caller">): Promise<User> {
    const id = personOf(caller);
    return assertFound(await this.#ports.store.users.get(id), "user", id);
  }

  /** @throws MillraceError `validation`, `stale_revision`, `not_found`. */
  async updateMe(context: OperationContext, input: UpdateMe): Promise<User> {
    const user = await this.own(context);
    requireSeen("user", user.id, user.revision, context.expected);
    const { user: changed, fields } = changedProfile(user, input);
    if (changed === user) return user;
    return context.commit(
      [
        { change: "update-user", user: changed },
        appendHostEvent(context.by, { type: "user-changed", userId: user.id, fields: [...fields] }),
      ],
      changed,
    );
  }

  /**
   * Takes a way to sign in away; one that is gone already stays so. The last one stays.
   * @throws MillraceError `in_use`, `forbidden`.
   */
  async unlinkIdentity(context: OperationContext, identityId: string): Promise<void> {
    refuseToken(context.caller);
    const user = await this.own(context);
    const own = await this.#ports.store.users.identities(user.id);
    const identity = own.find(({ id }) => id === identityId);
    if (identity === undefined) return;
    if (own.length === 1) throw lastIdentity();
    const { provider } = identity;
    await this.#unlessGone(() =>
      context.commit(
        [
          { change: "delete-identity", userId: user.id, identityId },
          appendHostEvent(context.by, { type: "identity-unlinked", userId: user.id, provider, identityId }),
        ],
        undefined,
      ),
    );
  }

  /**
   * Deletes the caller's user. `confirm` is its name, typed again.
   * @throws MillraceError `validation`, `stale_revision`, `last_owner`, `in_use`, `forbidden`.
   */
  async deleteMe(context: OperationContext, confirm: string): Promise<void> {
    refuseToken(context.caller);
    const user = await this.own(context);
    requireSeen("user", user.id, user.revision, context.expected);
    if (confirm !== user.name)
      throw new MillraceError("validation", "this is not the name of the user", { fix: "type the name as it stands in your profile" });
    await context.commit(
      [
        ...(await this.#calls.leaveAccounts(user, context.by)),
        { change: "delete-user", userId: user.id, expected: user.revision },
        appendHostEvent(context.by, { type: "user-deleted", userId: user.id }),
      ],
      undefined,
    );
  }

  /** Newest first. `query`: the address begins with it. */
  async list({
    limit,
    after,
    query,
  }: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly query?: string | undefined;
  }) {
    return pageOf(await this.#ports.store.users.list({ limit, after, query }), limit, ({ id }) => id);
  }

  /**
   * Keeps a user out, or lets them in again. Sessions and tokens end in the same commit, and stay ended.
   * @throws MillraceError `not_found`.
   */
  async setDisabled(context: OperationContext, userId: string, isDisabled: boolean): Promise<User> {
    const user = assertFound(await this.#ports.store.users.get(userId), "user", userId);
    if ((user.disabledAt !== null) === isDisabled) return user;
    const { at } = context.by;
    const changed = { ...user, disabledAt: isDisabled ? at : null, revision: user.revision + 1 };
    const ended: readonly HostChange[] = [
      { change: "end-sessions", ofUser: userId, except: null, at },
      { change: "delete-api-tokens", owner: { userId } },
    ];
    const event: HostEventBody = { type: isDisabled ? "user-disabled" : "user-enabled", userId };
    return context.commit(
      [{ change: "update-user", user: changed }, ...(isDisabled ? ended : []), appendHostEvent(context.by, event)],
      changed,
    );
  }

  /**
   * Whose sign-in it is. Its changes are decided on what is there now: a commit of them that is refused is resolved anew, and finds the
   * winner.
   */
  async resolveSignIn(provider: string, profile: SignInProfile, at: number): Promise<ResolvedSignIn> {
    const { store, ids } = this.#ports;
    const { users } = store;
    const known = await users.byIdentity(provider, profile.subject);
    const email = provenEmail(profile);
    const holder = email === null ? null : await users.byEmail(email);
    const fresh = { userId: ids.next("usr"), identityId: ids.next("idn") };
    const plan = planSignIn({ provider, profile, known, holder, fresh, at });
    const by: Authorship = { at, actor: { type: "human", id: plan.user.id } };
    return {
      is: plan.is,
      user: plan.user,
      changes: [
        ...plan.changes,
        ...(plan.is === "new" ? this.#calls.createPersonalAccount(plan.user, by) : []),
        ...plan.events.map((event) => appendHostEvent(by, event)),
      ],
    };
  }

  /** The changes that link what a person has at a provider to a user. */
  linkIdentity(userId: string, provider: string, profile: SignInProfile, by: Authorship): readonly HostChange[] {
    const fresh = { userId, identityId: this.#ports.ids.next("idn") };
    const { changes, events } = planLink({ provider, profile, fresh, at: by.at }, userId);
    return [...changes, ...events.map((event) => appendHostEvent(by, event))];
  }

  /** Another call has removed it meanwhile: that is what this one wanted. */
  async #unlessGone(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!isMillraceError(error, "not_found")) throw error;
    }
  }
}
