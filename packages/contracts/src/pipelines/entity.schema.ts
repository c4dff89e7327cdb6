import { z } from "zod";
import { estimateBarSchema } from "../run/estimate.schema.js";
import { agentKindSchema, idSchema, unitSchema } from "../shared/scalars.schema.js";

/** Bar of a companion: a run whose estimate is below it leaves the companion out. */
export const gatingSchema = estimateBarSchema.extend({
  /** Behaviour without an estimate of this run. Default: run. */
  onMissingEstimate: z.enum(["run", "skip"]).default("run"),
});
/** Condition on the run's estimate for a companion. A run without an estimate runs the companion by default. */
export type Gating = z.infer<typeof gatingSchema>;

/** Panel of several agents instead of one: its participants, its strategy, and the bar above which it is used. */
export const consensusSchema = z.strictObject({
  /** `panel`: independent drafts, one synthesis. `debate`: drafts, rounds of critique, synthesis. `voting`: drafts, each participant scores every draft, the best mean wins. */
  strategy: z.enum(["panel", "debate", "voting"]),
  participants: z
    .array(
      z.strictObject({
        id: idSchema,
        /** Added to the kind's role for this participant. */
        role: z.string().trim().min(1).max(4000),
        /** Model it runs on; null: the kind's. */
        model: z.string().min(1).max(200).nullable().default(null),
      }),
    )
    .min(2)
    .max(8),
  /** Debates only: number of rounds, drafts included. Default 2. */
  rounds: z.number().int().min(1).max(5).default(2),
  /** Below this bar one agent works alone. Null: always several. */
  gating: estimateBarSchema
    .extend({ onMissingEstimate: z.enum(["consensus", "standard"]).default("consensus") })
    .nullable()
    .default(null),
});
/** Configuration of a step that 2 to 8 participants answer together; `rounds` (default 2) counts for debates only. */
export type Consensus = z.infer<typeof consensusSchema>;

/** Definition of one step. Copied into a run at its start and never changed there. */
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
  /** Companions only: skipped when the run's estimate is below this. Null: never skipped. */
  gating: gatingSchema.nullable().default(null),
  /** Ask several agents. Null: one. */
  consensus: consensusSchema.nullable().default(null),
});
/** Configuration of one step, frozen into the run at its start: a later edit of the pipeline does not reach it. */
export type StepDefinition = z.infer<typeof stepDefinitionSchema>;

/** Step of a pipeline. A disabled one stays in the pipeline and is left out of its runs. */
export const pipelineStepSchema = stepDefinitionSchema.extend({ enabled: z.boolean().default(true) });
/** A step definition with its switch, on by default. */
export type PipelineStep = z.infer<typeof pipelineStepSchema>;

/** An ordered list of step definitions, reusable. */
export const pipelineSchema = z.strictObject({
  id: idSchema,
  name: z.string().trim().min(1).max(120),
  steps: z.array(pipelineStepSchema).min(1).max(50),
});
/** A stored pipeline of 1 to 50 steps, defaults filled in. */
export type Pipeline = z.infer<typeof pipelineSchema>;
/** A pipeline as a client sends it: in a step, everything but `kind` has a default. */
export type PipelineInput = z.input<typeof pipelineSchema>;

/** A pipeline that a workspace keeps. */
export const storedPipelineSchema = pipelineSchema.extend({
  /** From 1; one higher with each change of its name or steps. */
  revision: z.number().int().positive(),
});
/** A pipeline of a workspace with its revision. Runs that started keep a copy of its steps. */
export type StoredPipeline = z.infer<typeof storedPipelineSchema>;

/** Labels of a pipeline, each once. */
export const pipelineLabelsSchema = z.array(z.string().trim().min(1).max(40)).max(20).refine(eachOnce, "a label stands twice");

/** What people of a workspace say about a pipeline, a built-in one too. It never collides with an edit of steps. */
export const pipelineOrganizationSchema = z.strictObject({
  labels: pipelineLabelsSchema,
  /** Left out of lists unless they ask for it; tasks may go on using it. */
  archived: z.boolean(),
  /** 0: nothing was said yet. One higher with each change. */
  revision: z.number().int().nonnegative(),
});
/** Labels of a pipeline, and whether it is archived, with a revision of their own. */
export type PipelineOrganization = z.infer<typeof pipelineOrganizationSchema>;

/** Something that keeps a pipeline from running. */
export const pipelineIssueSchema = z.strictObject({
  /** Place of the step in the pipeline, from 1, disabled steps counted; null: the pipeline as a whole. */
  step: z.number().int().positive().nullable(),
  kind: z.string().max(100).nullable(),
  message: z.string(),
  fix: z.string(),
  /** Line of the imported text, from 1. Left out where there is no text. */
  line: z.number().int().positive().optional(),
});
/** One issue of a pipeline with its step and its fix. */
export type PipelineIssue = z.infer<typeof pipelineIssueSchema>;

function eachOnce(labels: readonly string[]): boolean {
  return new Set(labels).size === labels.length;
}
