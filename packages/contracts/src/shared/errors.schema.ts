import { z } from "zod";

/** Codes of the errors of Millrace. They are stable: programs branch on them, never on message text. */
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
  "unauthenticated",
  "invalid_credentials",
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
  "sandbox_unavailable",
  "agent_missing",
  "agent_login",
  "agent_failed",
  "agent_protocol",
  "agent_timeout",
  "answer_invalid",
  "model_missing",
  "model_failed",
  "model_refused",
  "path_outside",
  "file_unusable",
  "folder_unwritable",
  "board_unsafe",
  "board_untrusted",
  "forge_failed",
  "forge_down",
  "forge_refused",
  "unavailable",
  "internal",
]);
/** Stable code of an error; `errorTable` tells whether a retry can help. */
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** Traits of an error code that a caller acts on. */
export interface ErrorTraits {
  /**
   * `passing`: the same call may work later, and the engine repeats it by itself. `final`: not without a change. `told`: the
   * state has changed since the caller read it; the caller reads it and decides again.
   */
  readonly retry: "passing" | "final" | "told";
  /**
   * A fault of a service or of the host that passes by itself, maybe after hours: a run whose call keeps failing with it is paused and
   * tries again for a day, instead of failing. Default: false.
   */
  readonly isOutage?: boolean;
  /** The engine pauses a run for this reason until `details.resetAt` (epoch ms), instead of repeating its call a few times. */
  readonly holds?: "budget" | "quota" | "limit" | "outage";
}

/** The error codes with their traits: the only place that says which errors pass. */
export const errorTable: Readonly<Record<ErrorCode, ErrorTraits>> = {
  not_found: { retry: "final" },
  validation: { retry: "final" },
  conflict: { retry: "told" },
  stale_revision: { retry: "told" },
  run_in_progress: { retry: "told" },
  run_not_live: { retry: "told" },
  wait_closed: { retry: "told" },
  wait_mismatch: { retry: "told" },
  digest_mismatch: { retry: "told" },
  forbidden_actor: { retry: "final" },
  unauthenticated: { retry: "final" },
  invalid_credentials: { retry: "final" },
  pipeline_invalid: { retry: "final" },
  task_limit: { retry: "told" },
  budget_exhausted: { retry: "passing", holds: "budget" },
  quota_exhausted: { retry: "passing", holds: "quota" },
  rate_limited: { retry: "passing", holds: "limit" },
  model_unusable: { retry: "final" },
  credential_required: { retry: "final" },
  review_frozen: { retry: "told" },
  config_invalid: { retry: "final" },
  database_unwritable: { retry: "final" },
  database_newer: { retry: "final" },
  database_corrupt: { retry: "final" },
  database_busy: { retry: "passing", isOutage: true },
  stored_shape_newer: { retry: "final" },
  stored_shape_invalid: { retry: "final" },
  repository_missing: { retry: "final" },
  repository_dirty: { retry: "final" },
  repository_invalid: { retry: "final" },
  git_failed: { retry: "passing", isOutage: true },
  git_missing: { retry: "final" },
  sandbox_unavailable: { retry: "final" },
  agent_missing: { retry: "final" },
  agent_login: { retry: "final" },
  agent_failed: { retry: "passing" },
  agent_protocol: { retry: "final" },
  agent_timeout: { retry: "passing" },
  answer_invalid: { retry: "final" },
  model_missing: { retry: "final" },
  model_failed: { retry: "passing" },
  model_refused: { retry: "final" },
  path_outside: { retry: "final" },
  file_unusable: { retry: "final" },
  folder_unwritable: { retry: "final" },
  board_unsafe: { retry: "final" },
  board_untrusted: { retry: "final" },
  forge_failed: { retry: "passing", isOutage: true },
  forge_down: { retry: "passing", holds: "outage" },
  forge_refused: { retry: "final" },
  unavailable: { retry: "passing", isOutage: true },
  internal: { retry: "final" },
};

/** The one shape in which an error leaves a process. */
export const errorEnvelopeSchema = z.strictObject({
  error: z.strictObject({
    code: errorCodeSchema,
    message: z.string(),
    /** Remedy, as one sentence; null without one. */
    fix: z.string().nullable(),
    details: z.record(z.string(), z.json()).optional(),
  }),
});
/** The JSON of an error on the wire; `code` is what clients branch on, never `message`. */
export type ErrorEnvelope = z.infer<typeof errorEnvelopeSchema>;
