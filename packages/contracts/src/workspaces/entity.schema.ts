import { z } from "zod";
import { actorSchema, idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { workspaceSettingsSchema } from "../settings/entity.schema.js";

export const workspaceNameSchema = z.string().trim().min(1).max(120);
export const workspaceDescriptionSchema = z.string().trim().min(1).max(500);

const revisionSchema = z.number().int().positive().default(1);

/** One board and its settings; the tenant. */
export const workspaceSchema = z.strictObject({
  id: idSchema,
  name: z.string().min(1).max(120),
  description: z.string().min(1).max(500).nullable().default(null),
  createdAt: timestampSchema,
  /** Number of changes of the workspace itself, from 1. */
  revision: revisionSchema,
  settings: workspaceSettingsSchema.prefault({}),
  /** Number of changes of the settings, from 1. */
  settingsRevision: revisionSchema,
  /** Merge preset of tasks that name none; null: everything waits for people. */
  defaultPresetId: idSchema.nullable().default(null),
  /** Account that it belongs to; null: the host has no accounts. */
  accountId: idSchema.nullable().default(null),
  /** When its deletion was asked for: from then on nothing in it changes but by that deletion. Null: it is not being deleted. */
  deletingAt: timestampSchema.nullable().default(null),
  /** Who asked for its deletion. */
  deletingBy: actorSchema.nullable().default(null),
});
/** A tenant: every row of the store belongs to exactly one. */
export type Workspace = z.infer<typeof workspaceSchema>;
