import { z } from "zod";
import { taskTypeSchema } from "../board/entity.schema.js";
import { idSchema } from "../shared/scalars.schema.js";
import { retentionPolicySchema } from "../retention/entity.schema.js";
import { budgetSchema } from "../spend/entity.schema.js";

const cap = z.number().int().min(1).max(1000);

/** Fields of a limit on tasks. The numbers of a mode that is not in force are kept for the day it is chosen again. */
export const taskLimitFields = {
  mode: z.enum(["off", "shared", "per-type"]),
  /** Of all tasks together. Null: not set, which the mode `shared` does not allow. */
  shared: cap.nullable().default(null),
  /** Of each type; a type without one is not limited. */
  perType: z.partialRecord(taskTypeSchema, cap).default({}),
};

/** Limit on tasks of one service with a live run. */
export const taskLimitSchema = z
  .strictObject(taskLimitFields)
  .refine(({ mode, shared }) => mode !== "shared" || shared !== null, { path: ["shared"], error: "a shared limit needs a number" });
/** Cap on live runs per service, 1 to 1,000; off by default. */
export type TaskLimit = z.infer<typeof taskLimitSchema>;

/** Settings of a workspace. */
export const workspaceSettingsSchema = z.strictObject({
  budget: budgetSchema.prefault({}),
  taskLimit: taskLimitSchema.prefault({ mode: "off" }),
  /** Model of each agent kind, for blocks that pin none. */
  models: z.record(z.string().min(1).max(60), z.string().min(1).max(200)).default({}),
  /** Minutes until an open notification becomes urgent. Default 120. Open notifications keep the time they were raised with. */
  escalationMinutes: z.number().int().min(1).max(100_000).default(120),
  /** Pipeline that is offered for tasks that name none. Null, the default: none. */
  defaultPipelineId: idSchema.nullable().default(null),
  /** How long the details of finished runs are kept. */
  retention: retentionPolicySchema.prefault({}),
});
/** A workspace's settings, defaults filled in. */
export type WorkspaceSettings = z.infer<typeof workspaceSettingsSchema>;

/** The settings of a workspace as they are read. */
export const settingsViewSchema = z.strictObject({
  /** Number of changes, from 1: what a change of them names as `If-Match`. */
  revision: z.number().int().positive(),
  /** Defaults filled in. */
  settings: workspaceSettingsSchema,
  /** Names of those whose value is not the default. */
  set: z.array(z.string()),
});
/** Settings with their revision, and which of them were set. */
export type SettingsView = z.infer<typeof settingsViewSchema>;
