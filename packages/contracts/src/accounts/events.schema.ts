import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { rolesSchema } from "./entity.schema.js";

/** Events of an account and its members. */
export const eventsOfAccounts = [
  z.strictObject({ type: z.literal("account-created"), name: z.string() }),
  z.strictObject({ type: z.literal("account-changed"), fields: z.array(z.string()) }),
  z.strictObject({ type: z.literal("account-deleted"), name: z.string() }),
  z.strictObject({ type: z.literal("member-added"), userId: idSchema, roles: rolesSchema }),
  z.strictObject({ type: z.literal("member-roles-changed"), userId: idSchema, before: rolesSchema, after: rolesSchema }),
  z.strictObject({ type: z.literal("member-removed"), userId: idSchema, roles: rolesSchema }),
] as const;
