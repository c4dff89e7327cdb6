import { z } from "zod";
import { taskTypeSchema } from "../board/entity.schema.js";
import { budgetSchema } from "../spend/entity.schema.js";

const cap = z.number().int().min(1).max(1000);

/** Limit on tasks of one service with a live run. */
export const taskLimitSchema = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("off") }),
  z.strictObject({ mode: z.literal("shared"), max: cap }),
  /** Each type has its own; a type without one is not limited. */
  z.strictObject({ mode: z.literal("per-type"), max: z.partialRecord(taskTypeSchema, cap) }),
]);
/** Cap on live runs per service, 1 to 1,000; off by default. */
export type TaskLimit = z.infer<typeof taskLimitSchema>;

/** Settings of a workspace. */
export const workspaceSettingsSchema = z.strictObject({
  budget: budgetSchema.prefault({}),
  taskLimit: taskLimitSchema.default({ mode: "off" }),
  /** Model of each agent kind, for blocks that pin none. */
  models: z.record(z.string().min(1).max(60), z.string().min(1).max(200)).default({}),
  /** Minutes until an open notification becomes urgent. Default 120. Open notifications keep the time they were raised with. */
  escalationMinutes: z.number().int().min(1).max(100_000).default(120),
  /**
   * Days that the details of a finished run are kept: its events, outputs, resolved notifications, usage and deliveries. Default 180; null:
   * for ever. The run itself, its merge record and the totals of what was spent are always kept.
   */
  retentionDays: z.number().int().min(1).max(36_500).nullable().default(180),
});
/** A workspace's settings, defaults filled in: replaced as a whole, never patched. */
export type WorkspaceSettings = z.infer<typeof workspaceSettingsSchema>;
