import type { Invitation, StoredInvitation } from "@millrace/contracts";
import { MillraceError, type Change } from "@millrace/kernel";

/** Invitations of an account that are pending at most. */
export const MAX_PENDING = 200;

const DAY = 24 * 60 * 60 * 1000;

/** How long a link is good, in ms: 7 days. */
export const LINK_MS = 7 * DAY;

/** How long invitations are kept after their end, in ms: 30 days. */
export const KEPT_MS = 30 * DAY;

/** An invitation as people see it at `now` (epoch ms). */
export function invitationAt(invitation: StoredInvitation, now: number): Invitation {
  return { ...invitation, status: isOpen(invitation, now) || invitation.status !== "pending" ? invitation.status : "expired" };
}

/** True if the invitation can be accepted at `now`. */
export function isOpen({ status, expiresAt }: StoredInvitation, now: number): boolean {
  return status === "pending" && expiresAt > now;
}

/** Key of the mail that carries the latest link. Only sending raises the revision of a pending invitation, so each link has its own. */
export function mailKeyOf({ id, revision }: Pick<StoredInvitation, "id" | "revision">): string {
  return `${id}.${revision}`;
}

/** The changes that end a pending invitation, and keep its mail from leaving if it has not left yet. */
export function endInvitation(
  invitation: StoredInvitation,
  as: Change<"end-invitation">["as"],
  at: number,
): readonly Change<"end-invitation" | "remove-mail">[] {
  const { id: invitationId, accountId, revision: expected } = invitation;
  return [
    { change: "end-invitation", accountId, invitationId, expected, as, at },
    { change: "remove-mail", mailKey: mailKeyOf(invitation) },
  ];
}

/** An address of which the holder of a link sees enough to know its own: `a…@d…`. */
export function emailHint(email: string): string {
  const at = email.lastIndexOf("@");
  return `${email.slice(0, 1)}…@${email.slice(at + 1, at + 2)}…`;
}

/** `invitation_closed`, with what became of it. */
export function invitationClosed(invitation: StoredInvitation, now: number): MillraceError {
  const { status } = invitationAt(invitation, now);
  return new MillraceError("invitation_closed", `this invitation is ${status}`, {
    fix: "ask an owner or admin of the account for another one",
    details: { status },
  });
}

/**
 * Refuses everybody but the person that was invited: the link may be in other hands, the address is not. `proven` is the address that the
 * person has proven; null: there is none.
 * @throws MillraceError `email_unverified`, `email_mismatch`.
 */
export function requireInvited({ email }: StoredInvitation, proven: string | null): void {
  if (proven === null)
    throw new MillraceError("email_unverified", "only the person with the invited address can accept, and you have proven none", {
      fix: "prove your mail address, then open the link again",
    });
  if (proven !== email)
    throw new MillraceError("email_mismatch", "the invitation is for another address than yours", {
      fix: "sign in as the person that was invited, or ask for an invitation of your address",
    });
}
