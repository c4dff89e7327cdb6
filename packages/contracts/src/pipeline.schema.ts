import { z } from "zod";
import { agentKindSchema, idSchema, unitSchema } from "./scalars.schema.js";

/** What one step of a pipeline is. Copied into a run at its start and never changed there. */
export const stepDefinitionSchema = z.strictObject({
  kind: agentKindSchema,
  /** Pause for people after the step produced its proposal. `approvers`: how many different people must say yes. */
  approval: z
    .strictObject({ approvers: z.number().int().min(1).max(10) })
    .nullable()
    .default(null),
  /** Companions only: the rating that passes. Null: the companion's own default. */
  bar: unitSchema.nullable().default(null),
  /** Extra direction for the agent of this step, appended to its role. */
  instructions: z.string().max(8000).nullable().default(null),
});
export type StepDefinition = z.infer<typeof stepDefinitionSchema>;

/** A step as a pipeline keeps it: a disabled one stays in the pipeline and is left out of its runs. */
export const pipelineStepSchema = stepDefinitionSchema.extend({ enabled: z.boolean().default(true) });
export type PipelineStep = z.infer<typeof pipelineStepSchema>;

/** An ordered list of step definitions, reusable. */
export const pipelineSchema = z.strictObject({
  id: idSchema,
  name: z.string().trim().min(1).max(120),
  steps: z.array(pipelineStepSchema).min(1).max(50),
});
export type Pipeline = z.infer<typeof pipelineSchema>;
/** What a person writes: everything but `kind` has a default. */
export type PipelineInput = z.input<typeof pipelineSchema>;
