import { z } from "zod";
import { repositoryRefSchema } from "../run/evidence.schema.js";
import { idSchema } from "../shared/scalars.schema.js";
import { checkPolicySchema, serviceTestingSchema, taskTypeSchema } from "./entity.schema.js";

/** A new task as a client sends it. */
export const addTaskSchema = z.strictObject({
  title: z.string().trim().min(1).max(200),
  description: z.string().max(20_000).default(""),
  pipelineId: idSchema.nullable().default(null),
  presetId: idSchema.nullable().default(null),
  taskType: taskTypeSchema.default("feature"),
  moduleName: z.string().trim().min(1).max(200).nullable().default(null),
  modelId: z.string().min(1).max(200).nullable().default(null),
  testEnvironment: z.enum(["local", "ephemeral"]).default("ephemeral"),
});
/** A validated new task, defaults filled in; everything but the title has one. */
export type AddTask = z.infer<typeof addTaskSchema>;

/** Request "add a task to a service or module". */
export const addTaskRequestSchema = addTaskSchema.extend({ workspaceId: idSchema, parentId: idSchema });

/** A change of a task as a client sends it: what is left out stays as it is. */
export const updateTaskSchema = z.strictObject({
  title: z.string().trim().min(1).max(200).optional(),
  description: z.string().max(20_000).optional(),
  pipelineId: idSchema.nullable().optional(),
  presetId: idSchema.nullable().optional(),
  taskType: taskTypeSchema.optional(),
  moduleName: z.string().trim().min(1).max(200).nullable().optional(),
  modelId: z.string().min(1).max(200).nullable().optional(),
  testEnvironment: z.enum(["local", "ephemeral"]).optional(),
});
/** A validated change of a task. */
export type UpdateTask = z.infer<typeof updateTaskSchema>;

/** Request "change a task". */
export const updateTaskRequestSchema = updateTaskSchema.extend({ workspaceId: idSchema, blockId: idSchema });

/** Request "add a service". */
export const addServiceRequestSchema = z.strictObject({
  workspaceId: idSchema,
  title: z.string().trim().min(1).max(200),
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
