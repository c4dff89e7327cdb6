import { z } from "zod";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

/** Type of a notification: snake_case, 1 to 60 characters. An open vocabulary: step kinds and gates declare their own. */
export const notificationTypeSchema: z.ZodString = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, "the type of a notification is snake_case");

/** Types of the notifications that Millrace raises by itself. */
export const BUILT_IN_NOTIFICATION_TYPES = [
  "decision_required",
  "approval_required",
  "merge_review",
  "ci_failed",
  "conflicts_failed",
  "run_failed",
  "pipeline_complete",
  "review_required",
  "tests_failed",
  "release_regression",
  "step_without_effect",
  "run_paused",
  "deed_refused",
] as const;

/** Id of a notification: the wait it belongs to, or `run/type`. Raising it twice keeps the one notification. */
export const notificationIdSchema = z.string().min(1).max(300);

/** Urgency of a notification. */
export const severitySchema = z.enum(["normal", "urgent"]);

/** A notification that asks for a person's attention. */
export const notificationSchema = z.strictObject({
  id: notificationIdSchema,
  workspaceId: idSchema,
  blockId: idSchema,
  runId: idSchema,
  /** One of `BUILT_IN_NOTIFICATION_TYPES`, or a type that a step kind or gate declares. */
  type: notificationTypeSchema,
  /** An open notification becomes urgent at `urgentAt`: it waited for longer than the workspace allowed when it was raised. */
  severity: severitySchema.default("normal"),
  status: z.enum(["open", "acted", "dismissed"]),
  title: z.string().max(300),
  body: z.string().max(8000),
  createdAt: timestampSchema,
  urgentAt: timestampSchema,
  resolvedAt: timestampSchema.nullable(),
});
/** A notification, as stored. */
export type Notification = z.infer<typeof notificationSchema>;
