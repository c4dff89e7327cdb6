import type { HandlersOf } from "../../platform/operations/handler.js";
import type { InvitationsService } from "./invitations-service.js";

/** The operations on invitations. */
export function invitationHandlers(invitations: InvitationsService): HandlersOf<"invitations"> {
  return {
    "invitations.create": (context, input) => invitations.create(context, input),
    "invitations.list": (context, input) => invitations.list(context, input),
    "invitations.resend": (context, input) => invitations.resend(context, input),
    "invitations.revoke": (context, input) => invitations.revoke(context, input),
    "invitations.peek": (_context, { token }) => invitations.peek(token),
    "invitations.accept": (context, input) => invitations.accept(context, input),
  };
}
