import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

/** Request "create a workspace". */
export const createWorkspaceSchema = z.strictObject({
  name: z.string().trim().min(1).max(120).default("Untitled"),
  /** Account that it is made in; null, the default: the host has no accounts. */
  accountId: idSchema.nullable().default(null),
});
