import type { Operations } from "../shared/operation.js";
import { pageSchema } from "../shared/page.schema.js";
import { acceptedInvitationSchema, invitationSchema, peekedInvitationSchema, sentInvitationSchema } from "./entity.schema.js";
import { aboutInvitationSchema, invitationTokenSchema, inviteSchema, listInvitationsSchema } from "./requests.schema.js";

/** Operations on invitations into accounts. */
export const operationsOfInvitations = {
  "invitations.create": {
    id: "INV-01",
    method: "POST",
    path: "/accounts/{accountId}/invitations",
    input: inviteSchema,
    output: sentInvitationSchema,
    errors: ["limit_reached"],
    capability: "member.manage",
    needsKey: true,
    summary: "Invites an address into an organisation for 7 days; an older invitation of the address ends.",
  },
  "invitations.list": {
    id: "INV-02",
    method: "GET",
    path: "/accounts/{accountId}/invitations",
    input: listInvitationsSchema,
    output: pageSchema(invitationSchema),
    errors: [],
    capability: "account.read",
    summary: "Lists the invitations of an account, newest first.",
  },
  "invitations.resend": {
    id: "INV-03",
    method: "POST",
    path: "/accounts/{accountId}/invitations/{invitationId}/resend",
    input: aboutInvitationSchema,
    output: sentInvitationSchema,
    errors: ["invitation_closed"],
    capability: "member.manage",
    summary: "Sends a pending or expired invitation again with a new link for 7 days; the old link ends.",
  },
  "invitations.revoke": {
    id: "INV-04",
    method: "DELETE",
    path: "/accounts/{accountId}/invitations/{invitationId}",
    input: aboutInvitationSchema,
    output: null,
    errors: [],
    capability: "member.manage",
    isRevised: true,
    summary: "Revokes a pending invitation; one that is closed keeps its history.",
  },
  "invitations.peek": {
    id: "INV-05",
    method: "GET",
    path: "/auth/invitations/{token}",
    input: invitationTokenSchema,
    output: peekedInvitationSchema,
    errors: [],
    capability: "public",
    summary: "Tells the holder of a link which account it is for; unknown, closed and expired links read the same.",
  },
  "invitations.accept": {
    id: "INV-06",
    method: "POST",
    path: "/auth/invitations/{token}/accept",
    input: invitationTokenSchema,
    output: acceptedInvitationSchema,
    errors: ["invitation_closed", "email_mismatch", "email_unverified"],
    capability: "self",
    summary: "Accepts an invitation as the person with the invited address; its roles come beside those that the person has.",
  },
} as const satisfies Operations;
