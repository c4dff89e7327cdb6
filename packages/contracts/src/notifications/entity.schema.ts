import { z } from "zod";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

/** A notification that asks for a person's attention. */
export const notificationSchema = z.strictObject({
  /** The wait it belongs to, or `run/type`: raising it twice keeps the one notification. */
  id: z.string().min(1).max(300),
  workspaceId: idSchema,
  blockId: idSchema,
  runId: idSchema,
  type: z.enum([
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
    "run_paused",
  ]),
  /** An open notification becomes urgent at `urgentAt`: it waited for longer than the workspace allowed when it was raised. */
  severity: z.enum(["normal", "urgent"]).default("normal"),
  status: z.enum(["open", "acted", "dismissed"]),
  title: z.string().max(300),
  body: z.string().max(8000),
  createdAt: timestampSchema,
  urgentAt: timestampSchema,
  resolvedAt: timestampSchema.nullable(),
});
export type Notification = z.infer<typeof notificationSchema>;
