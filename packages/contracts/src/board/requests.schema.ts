import { z } from "zod";
import { repositoryRefSchema } from "../run/evidence.schema.js";
import { pageFields } from "../shared/page.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";
import {
  agentConfigSchema,
  blockLevelSchema,
  blockStatusSchema,
  checkPolicySchema,
  cloudProviderSchema,
  instanceSizeSchema,
  overrideSchema,
  positionSchema,
  serviceTestingSchema,
  serviceTypeSchema,
  sizeSchema,
  taskFieldsSchema,
  taskTypeSchema,
} from "./entity.schema.js";

const title = z.string().trim().min(1).max(200);
const description = z.string().max(20_000);
const moduleName = z.string().trim().min(1).max(200).nullable();
const modelId = z.string().min(1).max(200).nullable();
const testEnvironment = z.enum(["local", "ephemeral"]);
const responsibleId = z.string().min(1).max(200).nullable();

/** A new task as a client sends it. */
export const addTaskSchema = z.strictObject({
  title,
  description: description.default(""),
  taskType: taskTypeSchema.default("feature"),
  /** Members of the task's type only. */
  fields: taskFieldsSchema.default({}),
  pipelineId: idSchema.nullable().default(null),
  presetId: idSchema.nullable().default(null),
  moduleName: moduleName.default(null),
  modelId: modelId.default(null),
  testEnvironment: testEnvironment.default("ephemeral"),
  agentConfig: agentConfigSchema.default({}),
  /** Ids of tasks that are done before it starts. */
  dependsOn: z.array(idSchema).max(50).default([]),
  /** A member with the role product or developer. */
  responsibleId: responsibleId.default(null),
  position: positionSchema.nullable().default(null),
});
/** A validated new task, defaults filled in; everything but the title has one. */
export type AddTask = z.infer<typeof addTaskSchema>;

/** Request "add a task to a service or module". */
export const addTaskRequestSchema = addTaskSchema.extend({ workspaceId: idSchema, parentId: idSchema });

/** A new module as a client sends it. */
export const addModuleSchema = z.strictObject({
  title: z.string().trim().min(1).max(120),
  description: description.default(""),
  /** Default: the next free place of a grid in the service. */
  position: positionSchema.nullable().default(null),
});
/** A validated new module, defaults filled in. */
export type AddModule = z.infer<typeof addModuleSchema>;

/** Request "add a module to a service". */
export const addModuleRequestSchema = addModuleSchema.extend({ workspaceId: idSchema, serviceId: idSchema });

/** A change of a block as a client sends it: what is left out stays as it is. The members of one level are refused on another. */
export const updateBlockSchema = z.strictObject({
  title: title.optional(),
  description: description.optional(),
  /** Tasks only, to the end of the list. Together with a new type, the members of the old one are dropped. */
  fields: taskFieldsSchema.optional(),
  taskType: taskTypeSchema.optional(),
  pipelineId: idSchema.nullable().optional(),
  presetId: idSchema.nullable().optional(),
  moduleName: moduleName.optional(),
  modelId: modelId.optional(),
  testEnvironment: testEnvironment.optional(),
  agentConfig: agentConfigSchema.optional(),
  responsibleId: responsibleId.optional(),
  trackerComment: overrideSchema.nullable().optional(),
  trackerResolve: overrideSchema.nullable().optional(),
  /** Services only, from here. */
  type: serviceTypeSchema.optional(),
  fragmentIds: z.array(idSchema).max(50).optional(),
  size: sizeSchema.nullable().optional(),
  cloudProvider: cloudProviderSchema.nullable().optional(),
  instanceSize: instanceSizeSchema.nullable().optional(),
});
/** A validated change of a block. */
export type UpdateBlock = z.infer<typeof updateBlockSchema>;

/** Request "change a block". */
export const updateBlockRequestSchema = updateBlockSchema.extend({ workspaceId: idSchema, blockId: idSchema });

/** Request that names a block. */
export const blockRequestSchema = z.strictObject({ workspaceId: idSchema, blockId: idSchema });

/** Request "add a service". */
export const addServiceRequestSchema = z.strictObject({
  workspaceId: idSchema,
  type: serviceTypeSchema.default("service"),
  /** Default: the name of its type. */
  title: title.optional(),
  description: description.default(""),
  position: positionSchema.nullable().default(null),
  /** Null: it has none yet, and no step that works on a repository can run. */
  repository: repositoryRefSchema.nullable().default(null),
  checks: checkPolicySchema.prefault({}),
  testing: serviceTestingSchema.nullable().default(null),
});

/** Request "set what counts as checked in a service". */
export const putChecksRequestSchema = z.strictObject({ workspaceId: idSchema, serviceId: idSchema, checks: checkPolicySchema });

/** Request "set how a service is brought up for its tests"; null: not set any more. */
export const putTestingRequestSchema = z.strictObject({
  workspaceId: idSchema,
  serviceId: idSchema,
  testing: serviceTestingSchema.nullable(),
});

/** Request "set where the code of a service lives"; null: it has no repository any more. */
export const putRepositoryRequestSchema = z.strictObject({
  workspaceId: idSchema,
  serviceId: idSchema,
  repository: repositoryRefSchema.nullable(),
});

const statuses = z.array(blockStatusSchema).min(1).max(6);
const text = z.string().trim().min(1).max(100);

/** Request "list blocks", in the order in which they were added. */
export const listBlocksRequestSchema = z.strictObject({
  workspaceId: idSchema,
  /** What is directly in it. */
  parentId: idSchema.optional(),
  level: blockLevelSchema.optional(),
  /** Tasks in one of these columns. */
  status: statuses.optional(),
  taskType: taskTypeSchema.optional(),
  /** Part of the title, whatever its case. */
  text: text.optional(),
  /** Changed after it, epoch ms. */
  updatedAfter: timestampSchema.optional(),
  ...pageFields,
});

/** What the tasks of a board are grouped by. */
export const boardLanesSchema = z.enum(["none", "service", "module", "pipeline"]);
/** What the tasks of a board are grouped by. */
export type BoardLanes = z.infer<typeof boardLanesSchema>;

/** Order of the cards of a board: `age` is the order in which they were added, `cost` the dearest first. */
export const boardSortSchema = z.enum(["age", "cost", "title"]);
/** Order of the cards of a board. */
export type BoardSort = z.infer<typeof boardSortSchema>;

/** Request "a page of the board". */
export const boardPageRequestSchema = z.strictObject({
  workspaceId: idSchema,
  /** Tasks in it and in its modules. */
  serviceId: idSchema.optional(),
  /** Default: all but `done`, which is a page of its own. */
  status: statuses.optional(),
  taskType: taskTypeSchema.optional(),
  pipelineId: idSchema.optional(),
  /** Tasks whose run waits for a person. */
  needsPerson: z.boolean().default(false),
  /** Part of the title, whatever its case. */
  text: text.optional(),
  lanes: boardLanesSchema.default("service"),
  /** `cost` and `title` take no status `done`: they sort open tasks, of which a board has 5,000 at most. */
  sort: boardSortSchema.default("age"),
  ...pageFields,
});
