import { z } from "zod";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { workspaceSettingsSchema } from "../settings/entity.schema.js";

/** One board and its settings; the tenant. */
export const workspaceSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).max(120),
  createdAt: timestampSchema,
  settings: workspaceSettingsSchema.prefault({}),
  /** Account that it belongs to; null: the host has no accounts. */
  accountId: idSchema.nullable().default(null),
  /** When its deletion was asked for: from then on nothing in it changes but by that deletion. Null: it is not being deleted. */
  deletingAt: timestampSchema.nullable().default(null),
});
/** A tenant: every row of the store belongs to exactly one. */
export type Workspace = z.infer<typeof workspaceSchema>;
