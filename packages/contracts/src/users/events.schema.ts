import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { providerNameSchema } from "./entity.schema.js";

/** Events of the users of a host. They name users by id: what a deleted user was called is in none of them. */
export const eventsOfUsers = [
  z.strictObject({ type: z.literal("user-created"), userId: idSchema }),
  z.strictObject({ type: z.literal("user-changed"), userId: idSchema, fields: z.array(z.string()) }),
  z.strictObject({ type: z.literal("user-email-changed"), userId: idSchema }),
  /** The address was proven by another person: this user no longer has it, nor what was gained through it. */
  z.strictObject({ type: z.literal("email-released"), userId: idSchema, toUserId: idSchema }),
  z.strictObject({ type: z.literal("user-disabled"), userId: idSchema }),
  z.strictObject({ type: z.literal("user-enabled"), userId: idSchema }),
  z.strictObject({ type: z.literal("user-deleted"), userId: idSchema }),
  z.strictObject({ type: z.literal("identity-linked"), userId: idSchema, provider: providerNameSchema, identityId: idSchema }),
  z.strictObject({ type: z.literal("identity-unlinked"), userId: idSchema, provider: providerNameSchema, identityId: idSchema }),
  z.strictObject({ type: z.literal("password-changed"), userId: idSchema }),
] as const;
