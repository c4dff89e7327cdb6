import { z } from "zod";

const micros = z.number().int().nonnegative();

/**
 * Caps on what runs may spend, in millionths of the price list's currency. Null: no cap. A metered call starts only when what was
 * spent, what is reserved for calls in flight, and its own reservation fit under every cap that applies.
 */
export const budgetSchema = z.strictObject({
  /** Per calendar month (UTC). Default: 100 units. */
  monthlyMicros: micros.nullable().default(100_000_000),
  /** Per task, over all its runs. */
  taskMicros: micros.nullable().default(null),
  runMicros: micros.nullable().default(null),
  /** Reserved before an inline call and before a job. A call that costs more than was reserved can overshoot a cap by the difference, once per call in flight. */
  reserveInlineMicros: micros.default(50_000),
  reserveJobMicros: micros.default(1_000_000),
});
export type Budget = z.infer<typeof budgetSchema>;

const cap = z.number().int().min(1).max(1000);

/** How many tasks of one service may have a live run. */
export const taskLimitSchema = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("off") }),
  z.strictObject({ mode: z.literal("shared"), max: cap }),
  /** Each type has its own; a type without one is not limited. */
  z.strictObject({ mode: z.literal("per-type"), max: z.partialRecord(z.enum(["feature", "bug", "document", "spike"]), cap) }),
]);
export type TaskLimit = z.infer<typeof taskLimitSchema>;

/** What people set for a whole workspace. */
export const workspaceSettingsSchema = z.strictObject({
  budget: budgetSchema.prefault({}),
  taskLimit: taskLimitSchema.default({ mode: "off" }),
  /** Model of an agent kind, where the block pins none. */
  models: z.record(z.string().min(1).max(60), z.string().min(1).max(200)).default({}),
  /** After how many minutes an open notification becomes urgent. Notifications that are open already keep the time they were raised with. */
  escalationMinutes: z.number().int().min(1).max(100_000).default(120),
});
export type WorkspaceSettings = z.infer<typeof workspaceSettingsSchema>;
