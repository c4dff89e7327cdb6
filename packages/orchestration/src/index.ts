/** @packageDocumentation The engine: pure decider, execution service, driver loop, composition. */
export { composeOrchestration } from "./compose.js";
export type { ModuleServices, Orchestration } from "./compose.js";
export { randomIds } from "./platform/ids.js";
export type { AuditService, Audited } from "./modules/audit/audit-service.js";
export type { EventFilter } from "./modules/audit/audit.logic.js";
export type { RetentionBounds } from "./modules/retention/retention.logic.js";
export type { AccountsCalls, AccountsService } from "./modules/accounts/accounts-service.js";
export { createPersonalAccount, personalAccountId } from "./modules/accounts/accounts.logic.js";
export type { Founder, FoundingChange } from "./modules/accounts/accounts.logic.js";
export type { Acceptance, Invited, InvitationsCalls, InvitationsService } from "./modules/invitations/invitations-service.js";
export type { PersonAddress } from "./modules/invitations/invitations.logic.js";
export type { RetentionService } from "./modules/retention/retention-service.js";
export type { Ceilings } from "./platform/bounded-ports.js";
export { startDriver } from "./run/driver/driver.js";
export type { Driver, DriverOptions } from "./run/driver/driver.js";
export { ExecutionService } from "./run/execution-service.js";
export type { DriveResult } from "./run/execution-service.js";
export type { AnswerRequest } from "./run/commands/human-reply.js";
export type { ByPerson, DeedOf } from "./run/commands/prove-person.js";
export type { Activate, SealedCredential } from "./run/commands/activate.js";
export type { StartRequest } from "./run/commands/start.js";
export type { RestartRequest } from "./run/commands/restart.js";
export type { MergeRequest } from "./run/commands/merge.js";
export type { StopRequest } from "./run/commands/stop.js";
export type { BlockStopRequest } from "./run/commands/cancel.js";
export type { ResumeRequest } from "./run/commands/resume.js";
export type { TakeUpRequest } from "./run/commands/take-up.js";
export type { BlockAddress, Initiator } from "./run/commands/new-run.js";
export type { TurnResult } from "./run/turn/commit.js";
export type { RunAddress } from "./run/turn/run-session.js";
export type { ReviewsCalls, ReviewsService } from "./modules/reviews/reviews-service.js";
export type { NotificationsService } from "./modules/notifications/notifications-service.js";
export type { BoardCalls, BoardEngineCalls, BoardModuleCalls, Candidate } from "./modules/board/board-calls.js";
export type { BoardReads } from "./modules/board/board-reads-service.js";
export type { BoardService } from "./modules/board/board-service.js";
export { taskRunSummary } from "./run/read/task-run-summary.logic.js";
export type { WorkspacesService } from "./modules/workspaces/workspaces-service.js";
export type { SettingsService } from "./modules/settings/settings-service.js";
export type { MailsService } from "./modules/mails/mails-service.js";
export type { Sweep } from "./platform/module.js";
export type { UsersModuleService } from "./modules/users/index.js";
export type { SignInService } from "./modules/sign-in/index.js";
export type { Admits, SignInOptions } from "./modules/sign-in/settings.logic.js";
export type { Authenticate, AuthRequest } from "./modules/sign-in/authenticate.js";
export { sourceOf } from "./modules/sign-in/sign-in.logic.js";
export { emptyBlock } from "./platform/empty-block.js";
export { redactStore } from "./platform/redacted-ports.js";
export { mailerOff, outsideServicesOff, trustEveryPerson } from "./platform/ports-off.js";
export type { OrchestrationOptions } from "./options.js";
export type { Forges, OrchestrationPorts } from "./platform/ports.js";
export { DEFAULT_PATIENCE } from "./run/model/decision-input.js";
export type { DecisionInput, KindModel, Patience } from "./run/model/decision-input.js";
export type { AnswerProduct, Command, EffectResult, RecordedAnswer, RecordedOutcome } from "./run/model/command.js";
export { decide, holdDecision } from "./run/decide/decide.logic.js";
export type { Decision } from "./run/decide/decide.logic.js";
export { currentStep, due, heldEffect, isAtRest, isFinished, isLive, openWait } from "./run/model/due.logic.js";
export type { Due } from "./run/model/due.logic.js";
export { describeEvent, eventTexts } from "./run/read/describe-event.logic.js";
export { jobKeyOf, runView } from "./run/read/run-view.logic.js";
export type { RunViewInput } from "./run/read/run-view.logic.js";
export type { RunObservations } from "./run/read/run-reason.logic.js";
export { evolve, freshStep, replay } from "./run/model/evolve.logic.js";
export type { Registries } from "./run/model/evolve.logic.js";
export type { TransitionResult } from "./run/model/transition-result.js";
export { consequences } from "./run/decide/consequences.logic.js";
export { acceptedAnswers } from "./run/decide/answer.logic.js";
export { fromRecord, toRecord } from "./run/model/stored-run.js";
export { BEHAVIOUR_FLAGS } from "./run/model/flags.js";
export type { BehaviourFlag } from "./run/model/flags.js";
export { createStepKinds, defineStepKind } from "./run/model/step-kind.js";
export type {
  DefinedStepKind,
  FactContext,
  FailureRequest,
  KindMisfit,
  Move,
  MoveRecords,
  StatusByLevel,
  StepContext,
  StepKind,
  StepKinds,
  WaitDeclaration,
  WaitDeclarations,
  WaitRequest,
} from "./run/model/step-kind.js";
export { createCallEffects, defineEffect } from "./run/model/call-effect.js";
export type {
  CallEffect,
  CallEffectDefinition,
  CallEffects,
  CallResult,
  EffectContext,
  EffectPorts,
  EffectSample,
  ServiceName,
} from "./run/model/call-effect.js";
export type { Gate, Observation } from "./steps/gate/gate.js";
export { builtInGates, createRegistries } from "./steps/registry.js";
export type { Registrations } from "./steps/registry.js";
export { gateStateOf } from "./steps/gate/state.js";
export type { GateState } from "./steps/gate/state.js";
export { builtInPipelines } from "./run/pipelines/built-in.js";
export { pipelinesInForce } from "./run/pipelines/in-force.js";
export { parsePipeline } from "./run/pipelines/shape.logic.js";
export { monthScope } from "./run/rules/budget.logic.js";
export { openRound } from "./steps/review/state.js";
export { judgeChecks } from "./steps/gate/gates/checks.logic.js";
export { withholdsMerge } from "./run/rules/merge-thresholds.logic.js";
export type { OutputPart, RunReadService, RunWithView } from "./run/run-read-service.js";
export { ANONYMOUS, localOwner } from "./platform/operations/caller.js";
export type { Caller, CallerToken, Grants } from "./platform/operations/caller.js";
export type { Call, CallOptions } from "./platform/operations/door.js";
export type { OutputOf } from "./platform/operations/handler.js";
