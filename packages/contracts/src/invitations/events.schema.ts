import { z } from "zod";
import { rolesSchema } from "../accounts/entity.schema.js";
import { digestSchema, idSchema } from "../shared/scalars.schema.js";

const of = { invitationId: idSchema };

/** Events of the invitations of an account. None has the address: the log outlives it. */
export const eventsOfInvitations = [
  z.strictObject({
    type: z.literal("invitation-created"),
    ...of,
    /** Digest of the invited address in lower case. */
    address: digestSchema,
    roles: rolesSchema,
    /** The pending one of that address that it replaced; null: there was none. */
    replaces: idSchema.nullable(),
  }),
  z.strictObject({ type: z.literal("invitation-resent"), ...of }),
  z.strictObject({ type: z.literal("invitation-revoked"), ...of }),
  z.strictObject({ type: z.literal("invitation-accepted"), ...of, userId: idSchema }),
] as const;
