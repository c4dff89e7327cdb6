import type {
  AcceptedInvitation,
  Account,
  Invitation,
  Membership,
  operations,
  PeekedInvitation,
  SentInvitation,
  StoredInvitation,
} from "@millrace/contracts";
import { digestText, isMillraceError, notFound } from "@millrace/kernel";
import type { z } from "zod";
import { appendAccountEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { HostChange } from "../../platform/host-change.js";
import type { AccountContext, OperationContext } from "../../platform/operations/handler.js";
import { personOf } from "../../platform/operations/person-of.js";
import { pageOf } from "../../platform/page-of.logic.js";
import type { ComposedPorts } from "../../platform/ports.js";
import { linkWith, type PublicUrl } from "../../platform/public-url.logic.js";
import { queueMail } from "../../platform/queue-mail.logic.js";
import { readRoles } from "../../platform/roles.logic.js";
import { secretToken } from "../../platform/secret-token.js";
import { requireSeen } from "../../platform/seen.logic.js";
import {
  emailHint,
  endInvitation,
  invitationAt,
  invitationClosed,
  isOpen,
  KEPT_MS,
  LINK_MS,
  mailKeyOf,
  MAX_PENDING,
  requireInvited,
} from "./invitations.logic.js";

type HostChanges = readonly HostChange[];

/** What invitations need of other modules. */
export interface InvitationsCalls {
  /**
   * Refuses an account that has its one person only.
   * @throws MillraceError `validation`.
   */
  readonly requireOrganization: (account: Account) => void;
  /** The changes that give a person roles in an account beside those that it has; null: it is no member yet. */
  readonly grantRoles: (
    member: Membership | null,
    granted: Pick<Membership, "accountId" | "userId" | "roles">,
    by: Authorship,
  ) => HostChanges;
  /** Address that a user has proven, as it is now; null: there is none. */
  readonly addressOf: (userId: string) => Promise<string | null>;
}

/** What an acceptance changes, for a commit of the host, and what the person gets. */
export interface Acceptance extends AcceptedInvitation {
  readonly changes: HostChanges;
}

/** The person that accepts. */
interface Invited {
  readonly userId: string;
  /** Address that the person has proven; null: there is none. */
  readonly address: string | null;
}

type Ports = Pick<ComposedPorts, "store" | "clock" | "ids" | "mailer" | "digestText">;
type InputOf<Name extends keyof typeof operations> = z.output<(typeof operations)[Name]["input"]>;

/** Times that an acceptance is decided anew because the person's roles were changed meanwhile. */
const MAX_TRIES = 3;

/** Invitations of addresses into accounts. */
export class InvitationsService {
  readonly #ports: Ports;
  readonly #calls: InvitationsCalls;
  readonly #publicUrl: PublicUrl;

  constructor(ports: Ports, calls: InvitationsCalls, publicUrl: PublicUrl) {
    this.#ports = ports;
    this.#calls = calls;
    this.#publicUrl = publicUrl;
  }

  async create(context: AccountContext, { accountId, email, roles: named }: InputOf<"invitations.create">): Promise<SentInvitation> {
    const { by, caller } = context;
    const roles = readRoles(named);
    if (roles.includes("owner")) context.require("account.own");
    const account = await this.#account(accountId);
    this.#calls.requireOrganization(account);
    const { store, ids } = this.#ports;
    const older = await store.invitations.pendingOf(accountId, email);
    const invitation: StoredInvitation = {
      id: ids.next("inv"),
      accountId,
      email,
      roles,
      status: "pending",
      invitedBy: personOf(caller),
      createdAt: by.at,
      expiresAt: by.at + LINK_MS,
      endedAt: null,
      revision: 1,
    };
    const [token, tokenDigest] = await this.#freshToken();
    const created = {
      type: "invitation-created",
      invitationId: invitation.id,
      address: await this.#digest(email),
      roles,
      replaces: older?.id ?? null,
    } as const;
    return this.#send(context, { account, invitation, token }, [
      ...(older === null ? [] : endInvitation(older, "replaced", by.at)),
      { change: "insert-invitation", invitation, tokenDigest, maxPending: MAX_PENDING },
      appendAccountEvent(accountId, by, created),
    ]);
  }

  async list(
    { by }: AccountContext,
    { accountId, status, limit, after }: InputOf<"invitations.list">,
  ): Promise<{ items: Invitation[]; nextAfter: string | null }> {
    const found = await this.#ports.store.invitations.list(accountId, { status, now: by.at }, { limit, after });
    return pageOf(
      found.map((invitation) => invitationAt(invitation, by.at)),
      limit,
      ({ id }) => id,
    );
  }

  async resend(context: AccountContext, { accountId, invitationId }: InputOf<"invitations.resend">): Promise<SentInvitation> {
    const { by, caller } = context;
    const [account, before] = await Promise.all([this.#account(accountId), this.#ports.store.invitations.get(accountId, invitationId)]);
    if (before === null) throw notFound("invitation", invitationId);
    if (before.roles.includes("owner")) context.require("account.own");
    if (before.status !== "pending") throw invitationClosed(before, by.at);
    const [token, tokenDigest] = await this.#freshToken();
    const renewed = { invitedBy: personOf(caller), expiresAt: by.at + LINK_MS };
    const invitation = { ...before, ...renewed, revision: before.revision + 1 };
    return this.#send(context, { account, invitation, token }, [
      { change: "renew-invitation", accountId, invitationId, expected: before.revision, tokenDigest, ...renewed },
      { change: "remove-mail", mailKey: mailKeyOf(before) },
      appendAccountEvent(accountId, by, { type: "invitation-resent", invitationId }),
    ]);
  }

  async revoke({ by, expected, commit }: AccountContext, { accountId, invitationId }: InputOf<"invitations.revoke">): Promise<void> {
    const invitation = await this.#ports.store.invitations.get(accountId, invitationId);
    if (invitation?.status !== "pending") return;
    requireSeen("invitation", invitationId, invitation.revision, expected);
    const changes: HostChanges = [
      ...endInvitation(invitation, "revoked", by.at),
      appendAccountEvent(accountId, by, { type: "invitation-revoked", invitationId }),
    ];
    await commit(changes, undefined);
  }

  async peek(token: string): Promise<PeekedInvitation> {
    const invitation = await this.#open(await this.#digest(token));
    const account = invitation === null ? null : await this.#ports.store.accounts.get(invitation.accountId);
    if (invitation === null || account === null) return { valid: false, accountName: null, emailHint: null };
    return { valid: true, accountName: account.name, emailHint: emailHint(invitation.email) };
  }

  /** Digest of a token whose invitation is open, and of that address where one is given; null: there is none. */
  async openOf(token: string, email?: string): Promise<string | null> {
    const tokenDigest = await this.#digest(token);
    const invitation = await this.#open(tokenDigest);
    return invitation !== null && (email === undefined || invitation.email === email) ? tokenDigest : null;
  }

  async accept({ by, caller, commit }: OperationContext, { token }: InputOf<"invitations.accept">): Promise<AcceptedInvitation> {
    const userId = personOf(caller);
    const tokenDigest = await this.#digest(token);
    for (let tried = 1; ; tried += 1) {
      // Read anew each time: neither a session nor an earlier look says what the person's address is now.
      const { changes, ...answer } = await this.acceptance(tokenDigest, { userId, address: await this.#calls.addressOf(userId) }, by);
      try {
        return await commit(changes, answer);
      } catch (error) {
        const isTold = isMillraceError(error, "stale_revision") || isMillraceError(error, "already_exists");
        if (!isTold || tried === MAX_TRIES) throw error;
      }
    }
  }

  /**
   * What it takes that a person accepts the invitation of a link, by the digest of its token: for the commit of `accept`, or of a sign-in,
   * which may make the user.
   * @throws MillraceError `not_found`, `email_unverified`, `email_mismatch`, `invitation_closed`.
   */
  async acceptance(tokenDigest: string, { userId, address }: Invited, by: Authorship): Promise<Acceptance> {
    const { store } = this.#ports;
    const invitation = await store.invitations.byToken(tokenDigest);
    if (invitation === null) throw notFound("invitation", "of this link");
    requireInvited(invitation, address);
    const { id: invitationId, accountId, roles } = invitation;
    const [account, member] = await Promise.all([store.accounts.get(accountId), store.memberships.get(accountId, userId)]);
    if (account === null || account.deletingAt !== null || !isOpen(invitation, by.at)) throw invitationClosed(invitation, by.at);
    const changes: HostChanges = [
      ...endInvitation(invitation, "accepted", by.at),
      ...this.#calls.grantRoles(member, { accountId, userId, roles }, by),
      appendAccountEvent(accountId, by, { type: "invitation-accepted", invitationId, userId }),
    ];
    return { changes, accountId, roles };
  }

  /** Removes invitations that ended long ago, at most `limit`. Returns 0 when there was none. */
  async purge(now: number, limit: number): Promise<number> {
    const { store } = this.#ports;
    const before = now - KEPT_MS;
    if (!(await store.invitations.anyOver(before))) return 0;
    await store.commit([{ change: "purge-invitations", before, limit }]);
    return limit;
  }

  /** Commits what goes out with its mail, and answers with the link, which is shown this once. */
  async #send(
    { by, commit }: AccountContext,
    sent: { readonly account: Account; readonly invitation: StoredInvitation; readonly token: string },
    changes: HostChanges,
  ): Promise<SentInvitation> {
    const { account, invitation, token } = sent;
    const link = linkWith(this.#publicUrl, "invite", token);
    const isMailed = this.#ports.mailer.isOn && link !== null;
    const mails: HostChanges = isMailed
      ? [
          queueMail({
            key: mailKeyOf(invitation),
            template: "invitation",
            to: invitation.email,
            values: { accountName: account.name, link },
            at: by.at,
            expiresAt: invitation.expiresAt,
          }),
        ]
      : [];
    const answer: SentInvitation = { invitation, token, link, delivery: isMailed ? "queued" : "off" };
    const all: HostChanges = [...changes, ...mails];
    return commit(all, answer, { ...answer, token: null, link: null });
  }

  async #open(tokenDigest: string): Promise<StoredInvitation | null> {
    const { store, clock } = this.#ports;
    const invitation = await store.invitations.byToken(tokenDigest);
    return invitation !== null && isOpen(invitation, clock.now()) ? invitation : null;
  }

  async #freshToken(): Promise<readonly [token: string, digest: string]> {
    const token = secretToken();
    return [token, await this.#digest(token)];
  }

  async #digest(text: string): Promise<string> {
    return (this.#ports.digestText ?? digestText)(text);
  }

  async #account(accountId: string): Promise<Account> {
    const account = await this.#ports.store.accounts.get(accountId);
    if (account === null) throw notFound("account", accountId);
    return account;
  }
}
