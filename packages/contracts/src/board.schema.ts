import { z } from "zod";
import { mergeRecordSchema, pullRequestRefSchema, repositoryRefSchema } from "./evidence.schema.js";
import { idSchema, timestampSchema, unitSchema } from "./scalars.schema.js";

/** One board and its settings; the tenant. */
export const workspaceSchema = z.strictObject({ id: idSchema, name: z.string().min(1).max(120), createdAt: timestampSchema });
export type Workspace = z.infer<typeof workspaceSchema>;

export const blockStatusSchema = z.enum(["planned", "ready", "in_progress", "blocked", "pr_ready", "done"]);
export type BlockStatus = z.infer<typeof blockStatusSchema>;

/** When a repository's change counts as checked. */
export const checkPolicySchema = z.strictObject({
  /**
   * `required`: no registered check means *unknown*, never green. `none`: this repository has no CI,
   * said on purpose by a person; the gate is then green for the head it looked at.
   */
  ci: z.enum(["required", "none"]).default("required"),
  /** Names of checks that must be there and green. Empty: every registered check must be green and at least one must have succeeded. */
  requiredChecks: z.array(z.string().min(1).max(300)).max(100).default([]),
});
export type CheckPolicy = z.infer<typeof checkPolicySchema>;

/** A node of the board: a `frame` (a service), a `module`, or a `task`. */
export const blockSchema = z.strictObject({
  id: idSchema,
  workspaceId: idSchema,
  level: z.enum(["frame", "module", "task"]),
  parentId: idSchema.nullable(),
  title: z.string().min(1).max(200),
  description: z.string().max(20_000),
  status: blockStatusSchema,
  /** 0..1: finished steps of the current run over all its steps. */
  progress: unitSchema,
  /** The run that speaks for the block now: the live one, else the last. */
  runId: idSchema.nullable(),
  pullRequest: pullRequestRefSchema.nullable(),
  /** Recorded once, when the forge confirmed the merge; what a later run does cannot unset it. */
  merged: mergeRecordSchema.nullable(),
  /** Frames only: where the service's code lives. */
  repository: repositoryRefSchema.nullable(),
  /** Frames only. */
  checks: checkPolicySchema.nullable(),
  presetId: idSchema.nullable(),
  pipelineId: idSchema.nullable(),
  createdAt: timestampSchema,
});
export type Block = z.infer<typeof blockSchema>;

/** Body of "add a task to a service". */
export const addTaskSchema = z.strictObject({
  title: z.string().trim().min(1).max(200),
  description: z.string().max(20_000).default(""),
  pipelineId: idSchema.nullable().default(null),
  presetId: idSchema.nullable().default(null),
});
export type AddTask = z.infer<typeof addTaskSchema>;

/** Ceilings and budgets that decide what merges by itself and how often a gate may try to repair. */
export const mergePresetSchema = z.strictObject({
  id: idSchema,
  workspaceId: idSchema,
  name: z.string().trim().min(1).max(60),
  /** Inclusive ceilings: a change merges by itself only when every axis is at or below its own. */
  maxComplexity: unitSchema,
  maxRisk: unitSchema,
  maxImpact: unitSchema,
  /** How many times the ci-fixer may be sent. */
  ciMaxAttempts: z.number().int().min(0).max(50),
  isDefault: z.boolean(),
});
export type MergePreset = z.infer<typeof mergePresetSchema>;
