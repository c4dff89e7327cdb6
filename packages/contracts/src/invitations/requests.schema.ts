import { z } from "zod";
import { rolesSchema } from "../accounts/entity.schema.js";
import { pageFields } from "../shared/page.schema.js";
import { idSchema } from "../shared/scalars.schema.js";
import { emailSchema } from "../users/entity.schema.js";
import { invitationStatusSchema } from "./entity.schema.js";

/** Request "invite that address". */
export const inviteSchema = z.strictObject({
  accountId: idSchema,
  email: emailSchema,
  /** Default: a developer. */
  roles: rolesSchema.default(["developer"]),
});

/** Request "list the invitations", newest first. */
export const listInvitationsSchema = z.strictObject({
  accountId: idSchema,
  /** Default: all. */
  status: invitationStatusSchema.optional(),
  ...pageFields,
});

/** Request about one invitation. */
export const aboutInvitationSchema = z.strictObject({ accountId: idSchema, invitationId: idSchema });

/** Request of the holder of a link. */
export const invitationTokenSchema = z.strictObject({ token: z.string().min(1).max(200) });
