import { z } from "zod";
import { rolesSchema } from "../accounts/entity.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { emailSchema } from "../users/entity.schema.js";

/** An invitation of an address into an account, as it is stored. */
export const storedInvitationSchema = z.strictObject({
  id: idSchema,
  accountId: idSchema,
  email: emailSchema,
  /** Roles that the person gets beside those it has. */
  roles: rolesSchema,
  /** `replaced`: by a later one of the same address. */
  status: z.enum(["pending", "accepted", "revoked", "replaced"]),
  /** Id of the user that invited, or asked for it to be sent again. */
  invitedBy: z.string().min(1).max(200),
  createdAt: timestampSchema,
  /** When its link ends. */
  expiresAt: timestampSchema,
  /** When it was accepted, revoked or replaced; null: it is pending. */
  endedAt: timestampSchema.nullable(),
  /** Number of changes, from 1. */
  revision: z.number().int().positive(),
});
/** An invitation of an address into an account, as it is stored. */
export type StoredInvitation = z.infer<typeof storedInvitationSchema>;

/** What became of an invitation by now. */
export const invitationStatusSchema = z.enum([...storedInvitationSchema.shape.status.options, "expired"]);
/** What became of an invitation by now; `expired`: it is pending, and its link has ended. */
export type InvitationStatus = z.infer<typeof invitationStatusSchema>;

/** An invitation as people see it. */
export const invitationSchema = z.strictObject({ ...storedInvitationSchema.shape, status: invitationStatusSchema });
/** An invitation of an address into an account. */
export type Invitation = z.infer<typeof invitationSchema>;

/** An invitation that goes out. */
export const sentInvitationSchema = z.strictObject({
  invitation: invitationSchema,
  /** Secret of the link, shown this once: sent again with the same key, the request is answered without it. */
  token: z.string().nullable(),
  /** Link that accepts it; null: the host has no pages, or it was shown before. */
  link: z.string().nullable(),
  /** `queued`: a mail with the link will reach the address. `off`: the host sends no mails; hand the link over. */
  delivery: z.enum(["queued", "off"]),
});
/** An invitation that goes out, with its link. */
export type SentInvitation = z.infer<typeof sentInvitationSchema>;

/** What the holder of a link may know before signing in. Unknown, closed and expired read the same. */
export const peekedInvitationSchema = z.strictObject({
  valid: z.boolean(),
  accountName: z.string().nullable(),
  /** Address with all but its first letters left out: `a…@d…`. */
  emailHint: z.string().nullable(),
});
/** What the holder of a link may know. */
export type PeekedInvitation = z.infer<typeof peekedInvitationSchema>;

/** What an accepted invitation made of the person. */
export const acceptedInvitationSchema = z.strictObject({ accountId: idSchema, roles: rolesSchema });
/** What an accepted invitation made of the person. */
export type AcceptedInvitation = z.infer<typeof acceptedInvitationSchema>;
