import { z } from "zod";
import { estimateSchema } from "../run/estimate.schema.js";
import { mergeRecordSchema, pullRequestRefSchema, repositoryRefSchema } from "../run/evidence.schema.js";
import { outputRefSchema } from "../run/entity.schema.js";
import { digestSchema, idSchema, timestampSchema, unitSchema } from "../shared/scalars.schema.js";

/** Column of a block on the board. Derived from its runs. */
export const blockStatusSchema = z.enum(["planned", "ready", "in_progress", "blocked", "pr_ready", "done"]);
/** Column of a block on the board; a task is `pr_ready` while its finished pull request is not merged. */
export type BlockStatus = z.infer<typeof blockStatusSchema>;

/** When a repository's change counts as checked. */
export const checkPolicySchema = z.strictObject({
  /**
   * `required`: no registered check means *unknown*, never green. `none`: a person declared that this repository has no CI; the gate is
   * then green for the head it probed.
   */
  ci: z.enum(["required", "none"]).default("required"),
  /** Names of checks that must be there and green. Empty: every registered check must be green and at least one must have succeeded. */
  requiredChecks: z.array(z.string().min(1).max(300)).max(100).default([]),
});
/** A service's rule for green: its required checks, or that it has no CI. Part of every verdict's `settings` digest (promise P1). */
export type CheckPolicy = z.infer<typeof checkPolicySchema>;

/** Kind of work; task limits may count by it. */
export const taskTypeSchema = z.enum(["feature", "bug", "document", "spike"]);
/** Type of a task, `feature` by default. The `per-type` task limit counts by it. */
export type TaskType = z.infer<typeof taskTypeSchema>;

/** What a task says beside its description, by its type. */
export const taskFieldsSchema = z.strictObject({
  /** Of a bug. */
  severity: z.enum(["low", "medium", "high", "critical"]).optional(),
  /** Of a bug. */
  stepsToReproduce: z.string().max(4000).optional(),
  /** Of a spike: hours after which it ends. */
  timeboxHours: z.number().min(0).max(1000).optional(),
  /** Of a document. */
  docKind: z.enum(["prd", "rfc", "runbook", "reference", "other"]).optional(),
});
/** What a task says beside its description; each member belongs to one type of task. */
export type TaskFields = z.infer<typeof taskFieldsSchema>;

/** Values of the options of agent kinds, by the name of the option: at most 50. */
export const agentConfigSchema = z
  .record(z.string().min(1).max(120), z.string().max(400))
  .refine((config) => Object.keys(config).length <= 50, "at most 50 entries");
/** Values of the options of agent kinds that a task sets. Runs that start later read it. */
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** Kind of a service. */
export const serviceTypeSchema = z.enum(["frontend", "service", "api", "database", "queue", "integration", "external", "environment"]);
/** What a service is; boards draw it by this. */
export type ServiceType = z.infer<typeof serviceTypeSchema>;

const coordinateSchema = z.number().min(-1_000_000).max(1_000_000);

/** Where a block is drawn, in the units of the board; of a module or task, inside of its parent. */
export const positionSchema = z.strictObject({ x: coordinateSchema, y: coordinateSchema });
/** Top left corner of a block. */
export type Position = z.infer<typeof positionSchema>;

/** Width and height of a service, in the units of the board. */
export const sizeSchema = z.strictObject({ w: coordinateSchema.min(1), h: coordinateSchema.min(1) });
/** Extent of a service on the board. */
export type Size = z.infer<typeof sizeSchema>;

/** Where the runners of a service live. */
export const cloudProviderSchema = z.enum(["cloudflare", "docker", "aws", "gcp", "azure", "custom"]);
/** Cloud of the machines that work on a service. */
export type CloudProvider = z.infer<typeof cloudProviderSchema>;

/** How large the machines are that work on a service. */
export const instanceSizeSchema = z.enum(["small", "medium", "large", "xlarge"]);
/** Size of a machine, of every cloud. */
export type InstanceSize = z.infer<typeof instanceSizeSchema>;

/** `on` or `off`, whatever the workspace says. */
export const overrideSchema = z.enum(["on", "off"]);
/** A task's own answer to what the workspace decides for the others. */
export type Override = z.infer<typeof overrideSchema>;

/** Relative and without `..`: the file is read from a checkout of the repository. */
const insideRepository = (path: string): boolean => !path.startsWith("/") && !path.split(/[/\\]/).includes("..");

/** Test infrastructure of a service. */
export const serviceTestingSchema = z.strictObject({
  /** Path of the compose file in the repository that brings up the infrastructure of the tests; null: none. */
  composePath: z.string().min(1).max(300).refine(insideRepository, "a path inside the repository").nullable().default(null),
  /** The tests need nothing but the code. */
  noInfrastructure: z.boolean().default(false),
});
/** Infrastructure of a service's tests. With both members at their defaults it is not stated, and a run with a tester does not start. */
export type ServiceTesting = z.infer<typeof serviceTestingSchema>;

/** A final requirements or clarity document. Prompts of every step contain it in place of the task's description. */
export const finalDocumentSchema = z.strictObject({
  kind: z.string().min(1).max(60),
  output: outputRefSchema,
  /** SHA-256 of the description it was made from: when the description changes, the document is not final any more. */
  description: digestSchema,
});
/** Closed requirements or clarity document of a task. It replaces the description in prompts as long as its digest matches. */
export type FinalDocument = z.infer<typeof finalDocumentSchema>;

/** Level of a block: a service holds modules and tasks, a module holds tasks. */
export const blockLevelSchema = z.enum(["service", "module", "task"]);
/** Level of a block, from the top: `service`, `module`, `task`. */
export type BlockLevel = z.infer<typeof blockLevelSchema>;

/** A node of the board. */
export const blockSchema = z.strictObject({
  id: idSchema,
  workspaceId: idSchema,
  /** Counts what people changed, from 1: a change names the one it was decided on. What runs change does not count. */
  revision: z.number().int().min(1).default(1),
  level: blockLevelSchema,
  parentId: idSchema.nullable(),
  title: z.string().min(1).max(200),
  description: z.string().max(20_000),
  status: blockStatusSchema,
  /** 0..1: finished steps of the current run over all its steps. */
  progress: unitSchema,
  /** The live run of the block, else its last one. */
  runId: idSchema.nullable(),
  pullRequest: pullRequestRefSchema.nullable(),
  /** Recorded once, when the forge confirmed the merge; what a later run does cannot unset it. */
  merged: mergeRecordSchema.nullable(),
  /** Services only: where the service's code lives. */
  repository: repositoryRefSchema.nullable(),
  /** Services only. */
  checks: checkPolicySchema.nullable(),
  presetId: idSchema.nullable(),
  pipelineId: idSchema.nullable(),
  /** Tasks only. */
  taskType: taskTypeSchema.default("feature"),
  /** Tasks only: each member belongs to one task type. */
  fields: taskFieldsSchema.default({}),
  /** Tasks only: the module it is moved into once it is merged; created when there is none of that title. */
  moduleName: z.string().trim().min(1).max(200).nullable().default(null),
  /** Model of every step of its runs; null: the model of each kind. */
  modelId: z.string().min(1).max(200).nullable().default(null),
  /** Tasks only: where a tester brings the service up. */
  testEnvironment: z.enum(["local", "ephemeral"]).default("ephemeral"),
  /** Services only. */
  testing: serviceTestingSchema.nullable().default(null),
  /** Last estimate of any run. For people only; a run uses its own. */
  estimate: estimateSchema.nullable().default(null),
  /** Confidence that the last agent of its run stated, 0 to 1; null if none. For people only: no decision reads it. */
  confidence: unitSchema.nullable().default(null),
  document: finalDocumentSchema.nullable().default(null),
  /** Services and modules only: paths in the repository that its map says it lives in, and the entry points of a service. */
  references: z.array(z.string().min(1).max(400)).max(200).default([]),
  /** Services only. */
  type: serviceTypeSchema.nullable().default(null),
  /** Null: it was never placed. */
  position: positionSchema.nullable().default(null),
  /** Counts the changes of its position, from 1. */
  positionRevision: z.number().int().min(1).default(1),
  /** Services only; null: as large as what is in it. */
  size: sizeSchema.nullable().default(null),
  /** Tasks only. */
  agentConfig: agentConfigSchema.default({}),
  /** Services only: fragments that prompts of its runs contain. */
  fragmentIds: z.array(idSchema).max(50).default([]),
  /** Tasks only: the member who is asked first; null: none. */
  responsibleId: z.string().min(1).max(200).nullable().default(null),
  /** Who added it: the person, or the person an agent acted for. Null: a run did, or an older version. */
  createdBy: z.string().min(1).max(200).nullable().default(null),
  /** Tasks only: comments on its linked issues; null: what the workspace says. */
  trackerComment: overrideSchema.nullable().default(null),
  /** Tasks only: closes its linked issues once it is merged; null: what the workspace says. */
  trackerResolve: overrideSchema.nullable().default(null),
  /** Services only; null: what the account says. */
  cloudProvider: cloudProviderSchema.nullable().default(null),
  /** Services only; null: the host's default. */
  instanceSize: instanceSizeSchema.nullable().default(null),
  /** Modules only: its name in the map of the service; null: a person made it. It stays when the title is changed. */
  blueprintKey: z.string().min(1).max(120).nullable().default(null),
  /** What the map of the service says about it. People's words are in `description`. */
  generatedText: z.string().max(20_000).nullable().default(null),
  /** The map of its service does not name it any more. */
  isStale: z.boolean().default(false),
  createdAt: timestampSchema,
  /** Tasks only: when a person took it off the board; its runs and their evidence stay readable. Null: it is on the board. */
  removedAt: timestampSchema.nullable().default(null),
});
/** A service, module or task, with the state that boards show. Members marked for one level are null or default on the others. */
export type Block = z.infer<typeof blockSchema>;
