import type { ErrorCode } from "@millrace/contracts";

/** Exit codes of `millrace`. This one table is what `--help` and the README show. */
export const EXIT = {
  fine: 0,
  internal: 1,
  usage: 2,
  badInput: 3,
  conflict: 4,
  runFailed: 5,
  waiting: 6,
  environment: 7,
  forbidden: 8,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.fine, "fine"],
  [EXIT.internal, "a defect of Millrace"],
  [EXIT.usage, "the command line cannot be understood"],
  [EXIT.badInput, "bad input, or what was named does not exist"],
  [EXIT.conflict, "it does not fit the state the run or the folder is in"],
  [EXIT.runFailed, "the run failed or was cancelled"],
  [EXIT.waiting, "the run waits for a person"],
  [EXIT.environment, "something Millrace needs is missing or broken: database, git, agent, repository"],
  [EXIT.forbidden, "only a person may do it, and nothing proves that one wants it"],
  [EXIT.interrupted, "interrupted; the run goes on with: millrace run"],
];

/** Total by its type: a new error code does not compile until it has a row. */
const BY_CODE: Readonly<Record<ErrorCode, ExitCode>> = {
  internal: EXIT.internal,
  not_found: EXIT.badInput,
  validation: EXIT.badInput,
  pipeline_invalid: EXIT.badInput,
  config_invalid: EXIT.badInput,
  path_outside: EXIT.badInput,
  file_unusable: EXIT.environment,
  folder_unwritable: EXIT.environment,
  board_unsafe: EXIT.environment,
  board_untrusted: EXIT.environment,
  sandbox_unavailable: EXIT.environment,
  model_unusable: EXIT.badInput,
  credential_required: EXIT.badInput,
  task_limit: EXIT.conflict,
  review_frozen: EXIT.conflict,
  budget_exhausted: EXIT.conflict,
  quota_exhausted: EXIT.environment,
  rate_limited: EXIT.environment,
  conflict: EXIT.conflict,
  stale_revision: EXIT.conflict,
  run_in_progress: EXIT.conflict,
  run_not_live: EXIT.conflict,
  wait_closed: EXIT.conflict,
  wait_mismatch: EXIT.conflict,
  digest_mismatch: EXIT.conflict,
  forbidden_actor: EXIT.forbidden,
  unauthenticated: EXIT.forbidden,
  invalid_credentials: EXIT.forbidden,
  answer_invalid: EXIT.runFailed,
  database_unwritable: EXIT.environment,
  database_newer: EXIT.environment,
  database_corrupt: EXIT.environment,
  database_busy: EXIT.environment,
  stored_shape_newer: EXIT.environment,
  stored_shape_invalid: EXIT.environment,
  repository_missing: EXIT.environment,
  repository_dirty: EXIT.environment,
  repository_invalid: EXIT.environment,
  git_failed: EXIT.environment,
  git_missing: EXIT.environment,
  agent_missing: EXIT.environment,
  agent_login: EXIT.environment,
  agent_failed: EXIT.environment,
  agent_protocol: EXIT.environment,
  agent_timeout: EXIT.environment,
  model_missing: EXIT.environment,
  model_failed: EXIT.environment,
  model_refused: EXIT.environment,
  forge_failed: EXIT.environment,
  forge_down: EXIT.environment,
  forge_refused: EXIT.environment,
  unavailable: EXIT.environment,
};

export function exitCodeOf(code: ErrorCode): ExitCode {
  return BY_CODE[code];
}
