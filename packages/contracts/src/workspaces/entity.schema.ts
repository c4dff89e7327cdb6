import { z } from "zod";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { workspaceSettingsSchema } from "../settings/entity.schema.js";

/** One board and its settings; the tenant. */
export const workspaceSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).max(120),
  createdAt: timestampSchema,
  settings: workspaceSettingsSchema.prefault({}),
});
/** A tenant: every row of the store belongs to exactly one. */
export type Workspace = z.infer<typeof workspaceSchema>;
