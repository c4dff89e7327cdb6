/** @packageDocumentation The shapes Millrace reads and writes: zod schemas and the types inferred from them. */
export {
  actorSchema,
  agentKindSchema,
  commitShaSchema,
  digestSchema,
  idSchema,
  jsonSchema,
  timestampSchema,
  unitSchema,
} from "./scalars.schema.js";
export type { Actor, CommitSha, Digest, JsonValue } from "./scalars.schema.js";
export {
  checkSchema,
  companionAssessmentSchema,
  mergeAssessmentSchema,
  mergeRecordSchema,
  pullRequestRefSchema,
  repositoryRefSchema,
  reviewCommentSchema,
  verdictSchema,
  workObservationSchema,
} from "./evidence.schema.js";
export type {
  Check,
  CompanionAssessment,
  MergeAssessment,
  MergeRecord,
  PullRequestRef,
  RepositoryRef,
  ReviewComment,
  Verdict,
  WorkObservation,
} from "./evidence.schema.js";
export {
  blueprintSchema,
  estimateAnswerSchema,
  onCallAssessmentSchema,
  reviewAnswerSchema,
  specificationSchema,
  testReportSchema,
} from "./artifacts.schema.js";
export type { Blueprint, OnCallAssessment, ReviewAnswer, Specification, TestReport } from "./artifacts.schema.js";
export { estimateBarSchema, estimateSchema } from "./estimate.schema.js";
export type { Estimate, EstimateBar } from "./estimate.schema.js";
export { budgetSchema, taskLimitSchema, workspaceSettingsSchema } from "./settings.schema.js";
export type { Budget, TaskLimit, WorkspaceSettings } from "./settings.schema.js";
export { reviewFindingSchema, reviewItemSchema, reviewSchema, reviewSeveritySchema } from "./review.schema.js";
export type { Review, ReviewFinding, ReviewItem, ReviewSeverity } from "./review.schema.js";
export {
  addTaskSchema,
  blockSchema,
  blockStatusSchema,
  checkPolicySchema,
  mergePresetSchema,
  serviceTestingSchema,
  finalDocumentSchema,
  taskTypeSchema,
  workspaceSchema,
} from "./board.schema.js";
export type {
  AddTask,
  Block,
  BlockStatus,
  CheckPolicy,
  MergePreset,
  ServiceTesting,
  FinalDocument,
  TaskType,
  Workspace,
} from "./board.schema.js";
export { consensusSchema, gatingSchema, pipelineSchema, pipelineStepSchema, stepDefinitionSchema } from "./pipeline.schema.js";
export type { Consensus, Gating, Pipeline, PipelineInput, PipelineStep, StepDefinition } from "./pipeline.schema.js";
export {
  RUN_SHAPE_VERSION,
  activitySchema,
  approvalRecordSchema,
  attachmentSchema,
  briefSchema,
  effectKeySchema,
  effectRequestSchema,
  effectSchema,
  failureKindSchema,
  holdSchema,
  BUILT_IN_WAITS,
  humanWaitSchema,
  waitNameSchema,
  jobRefSchema,
  outputRefSchema,
  participantSchema,
  phaseSchema,
  revisionSchema,
  stepStateSchema,
  runFailureSchema,
  runSchema,
  stepSchema,
  stopOutcomeSchema,
} from "./run.schema.js";
export type {
  Activity,
  ApprovalRecord,
  Attachment,
  Brief,
  Effect,
  EffectRequest,
  FailureKind,
  Hold,
  HumanWait,
  JobRef,
  OutputRef,
  Participant,
  Phase,
  Revision,
  StepState,
  Run,
  RunInput,
  RunFailure,
  Step,
  StopOutcome,
} from "./run.schema.js";
export {
  EVENT_SHAPE_VERSION,
  boardEventRecordSchema,
  boardEventSchema,
  humanAnswerSchema,
  runEventRecordSchema,
  runEventSchema,
  stepFactSchema,
} from "./event.schema.js";
export type { BoardEvent, BoardEventBody, HumanAnswer, RunEvent, RunEventBody, RunEventType, StepFact } from "./event.schema.js";
export { BUILT_IN_NOTIFICATION_TYPES, notificationSchema, notificationTypeSchema } from "./notification.schema.js";
export type { Notification } from "./notification.schema.js";
export { errorCodeSchema, errorEnvelopeSchema } from "./errors.schema.js";
export type { ErrorCode, ErrorEnvelope } from "./errors.schema.js";
export { describedEventSchema, describedSchema, eventTextSchema, timelineEntrySchema, toneSchema } from "./views/described-event.schema.js";
export type { Described, DescribedEvent, EventText, TimelineEntry, Tone } from "./views/described-event.schema.js";
export {
  helperViewSchema,
  loopViewSchema,
  ratingViewSchema,
  reviewViewSchema,
  stepStateViewSchema,
  testReportViewSchema,
  verdictViewSchema,
} from "./views/step-state-view.schema.js";
export type {
  HelperView,
  LoopView,
  RatingView,
  ReviewView,
  StepStateView,
  TestReportView,
  VerdictView,
} from "./views/step-state-view.schema.js";
export { runReasonSchema } from "./views/run-reason.schema.js";
export type { RunReason } from "./views/run-reason.schema.js";
export {
  costViewSchema,
  runStatusSchema,
  runViewSchema,
  stepStatusSchema,
  stepViewSchema,
  waitViewSchema,
} from "./views/run-view.schema.js";
export type { CostView, RunStatus, RunView, StepStatus, StepView, WaitView } from "./views/run-view.schema.js";
