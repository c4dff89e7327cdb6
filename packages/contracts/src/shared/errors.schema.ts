import { z } from "zod";

/**
 * Every code an error of Millrace can carry. Codes are stable: programs branch on them, never on
 * message text.
 */
export const errorCodeSchema = z.enum([
  "not_found",
  "validation",
  "conflict",
  "stale_revision",
  "run_in_progress",
  "run_not_live",
  "wait_closed",
  "wait_mismatch",
  "digest_mismatch",
  "forbidden_actor",
  "pipeline_invalid",
  "task_limit",
  "budget_exhausted",
  "quota_exhausted",
  "rate_limited",
  "model_unusable",
  "credential_required",
  "review_frozen",
  "config_invalid",
  "database_unwritable",
  "database_newer",
  "database_corrupt",
  "database_busy",
  "stored_shape_newer",
  "stored_shape_invalid",
  "repository_missing",
  "repository_dirty",
  "repository_invalid",
  "git_failed",
  "git_missing",
  "agent_missing",
  "agent_login",
  "agent_failed",
  "agent_protocol",
  "agent_timeout",
  "answer_invalid",
  "model_missing",
  "model_failed",
  "path_outside",
  "forge_failed",
  "forge_down",
  "forge_refused",
  "unavailable",
  "internal",
]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** The one shape in which an error leaves a process. */
export const errorEnvelopeSchema = z.strictObject({
  error: z.strictObject({
    code: errorCodeSchema,
    message: z.string(),
    /** What to do about it, when there is something to do. */
    fix: z.string().nullable(),
    details: z.record(z.string(), z.json()).optional(),
  }),
});
export type ErrorEnvelope = z.infer<typeof errorEnvelopeSchema>;
