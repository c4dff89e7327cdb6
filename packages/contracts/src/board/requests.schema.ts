import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { taskTypeSchema } from "./entity.schema.js";

/** Body of "add a task to a service". */
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
export type AddTask = z.infer<typeof addTaskSchema>;
