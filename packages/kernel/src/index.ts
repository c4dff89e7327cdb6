/** @packageDocumentation Ports, the domain error, digests: the vocabulary every package of Millrace shares. */
export { MillraceError, assertFound, isMillraceError, notFound } from "./errors.js";
export type { MillraceErrorOptions } from "./errors.js";
export { blockInUse, blockMerged, budgetExhausted, reviewFrozen, taskLimitReached, unknownCursor } from "./store-errors.js";
export { trustOf } from "./clean-environment.logic.js";
export { isoTime, monthOf, nextMonth } from "./calendar.logic.js";
export { logFailure } from "./log-failure.js";
export { canonicalJson, digestJson, digestText } from "./digest.js";
export type { DigestText } from "./ports/digest.port.js";
export type { Log } from "./ports/log.port.js";
export { LOG_START } from "./ports/store.port.js";
export type { Clock, IdSource } from "./ports/time.port.js";
export type {
  Activation,
  BlockPatch,
  Change,
  Cursor,
  LoggedEvent,
  Page,
  RunLimit,
  RunRecord,
  RunSummary,
  SpendCap,
  SpendTotal,
  Store,
  LookAround,
  Surroundings,
  UsageRow,
} from "./ports/store.port.js";
export type {
  Environments,
  FiledIssue,
  Incidents,
  ModelAccess,
  ModelStatus,
  ProvisionedEnvironment,
  ReleaseEvidence,
  ReleaseHealth,
  ReleaseSignal,
  Tracker,
} from "./ports/services.port.js";
export type { Claim, WakeUps } from "./ports/wakeups.port.js";
export type {
  AgentAnswer,
  AgentExecutor,
  AgentRequest,
  AgentQuestion,
  AgentTask,
  CompletionContract,
  JobHandle,
  JobOutcome,
  JobProgress,
  JobStatus,
  TokenUsage,
} from "./ports/agent.port.js";
export type { Forge, MergeResult, PullRequestState, UpdateResult } from "./ports/forge.port.js";
export type { Checkout, TreeObservation, Worktrees } from "./ports/worktrees.port.js";
export type { CommandRequest, CommandResult, CommandRunner } from "./ports/commands.port.js";
export type { PullRequestLedger, StoredCheck, StoredPullRequest } from "./ports/pull-requests.port.js";
