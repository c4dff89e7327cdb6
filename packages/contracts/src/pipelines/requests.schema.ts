import { z } from "zod";
import { agentKindSchema, digestSchema, idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { pageFields, pageSchema } from "../shared/page.schema.js";
import {
  pipelineIssueSchema,
  pipelineLabelsSchema,
  pipelineOrganizationSchema,
  pipelineSchema,
  pipelineStepSchema,
} from "./entity.schema.js";

const ofPipeline = { workspaceId: idSchema, pipelineId: idSchema };
const steps = z.array(pipelineStepSchema).min(1).max(50);
/** Name of a pipeline. */
const name = z.string().trim().min(1).max(120);

/** Where a pipeline comes from: `workspace` is one of its own, the others are served from the code and are read only. */
const pipelineOriginSchema = z.enum(["workspace", "built-in", "registered"]);
/** Origin of a pipeline; a registered one is the host's. */
export type PipelineOrigin = z.infer<typeof pipelineOriginSchema>;

/** A pipeline as lists show it. */
export const pipelineViewSchema = z.strictObject({
  ...pipelineSchema.shape,
  origin: pipelineOriginSchema,
  /** Null for one that is served from the code. */
  revision: z.number().int().positive().nullable(),
  organization: pipelineOrganizationSchema,
  /** Tasks on the board that name it. */
  tasks: z.number().int().nonnegative(),
});
/** A pipeline with its origin, what people say about it, and where it is used. */
export type PipelineView = z.infer<typeof pipelineViewSchema>;

/** Request "list the pipelines", by id. */
export const listPipelinesSchema = z.strictObject({
  workspaceId: idSchema,
  /** True: the archived ones too. Default: false. */
  archived: z.boolean().default(false),
  /** Only those with this label. */
  label: z.string().trim().min(1).max(40).optional(),
  ...pageFields,
});
/** A page of pipelines, by id. */
export const pipelinePageSchema = pageSchema(pipelineViewSchema);

/** Request about one pipeline. */
export const pipelineRefSchema = z.strictObject(ofPipeline);

/** A new pipeline as a client sends it. */
export const createPipelineSchema = z.strictObject({
  /** Default: a fresh one. */
  id: idSchema.optional(),
  name,
  steps,
  labels: pipelineLabelsSchema.default([]),
});
/** Request "add a pipeline". */
export const createPipelineRequestSchema = createPipelineSchema.extend({ workspaceId: idSchema });

/** Request "copy a pipeline", a built-in one too. */
export const clonePipelineRequestSchema = z.strictObject({
  ...ofPipeline,
  /** Default: the name of the source with "(copy)". */
  name: name.optional(),
});

/** Request "change a pipeline": what is left out stays. Steps are replaced together. */
export const updatePipelineRequestSchema = z.strictObject({ ...ofPipeline, name: name.optional(), steps: steps.optional() });

/** Request "label or archive a pipeline", a built-in one too: what is left out stays. */
export const organizePipelineRequestSchema = z.strictObject({
  ...ofPipeline,
  labels: pipelineLabelsSchema.optional(),
  archived: z.boolean().optional(),
});

/** Request "remove a pipeline". */
export const removePipelineRequestSchema = z.strictObject({
  ...ofPipeline,
  /** Pipeline that its tasks name from now on. Default: none, and it is refused while a task names it. */
  replaceBy: idSchema.optional(),
});

/** Request "check steps without saving them". */
export const validatePipelineRequestSchema = z.strictObject({ workspaceId: idSchema, steps });
/** Everything that keeps steps from being saved here; empty when nothing does. */
export const validatedPipelineSchema = z.strictObject({ issues: z.array(pipelineIssueSchema) });

/** Form of a pipeline as text. */
const pipelineFormatSchema = z.enum(["yaml", "json"]);
/** `yaml` or `json`. */
export type PipelineFormat = z.infer<typeof pipelineFormatSchema>;

/** Request "add a pipeline from text, or replace the own one of its id". */
export const importPipelineRequestSchema = z.strictObject({
  workspaceId: idSchema,
  format: pipelineFormatSchema,
  text: z.string().min(1).max(200_000),
});
/** Request "a pipeline as text". */
export const exportPipelineRequestSchema = z.strictObject({ ...ofPipeline, format: pipelineFormatSchema.default("yaml") });
/** A pipeline as text. */
export const exportedPipelineSchema = z.strictObject({ format: pipelineFormatSchema, text: z.string() });

/** What a kind of step can be told, by agent kind. */
const agentKindViewSchema = z.strictObject({
  id: agentKindSchema,
  /** One line for people. */
  intent: z.string(),
  /** Kind of step that runs it. */
  step: z.string(),
  delivers: z.enum(["change", "update", "resolve", "nothing"]),
  traits: z.array(z.string()),
  companionOf: z.array(z.string()),
  /** Rating at which it passes, for a companion; null for other kinds. */
  bar: z.number().nullable(),
  /** `ask-agent`: one call. `start-job`: a job of a coding agent. Null: it asks no agent. */
  asks: z.enum(["ask-agent", "start-job"]).nullable(),
  /** Options of a task that it reads. */
  options: z.array(z.strictObject({ id: z.string(), values: z.array(z.string()), default: z.string() })),
  /** Version of its prompt. */
  prompt: z.string(),
  /** Whether this host can run it. */
  usable: z.boolean(),
  /** Why not; empty when it can. */
  why: z.string(),
});
/** An agent kind as people choose it for a step. */
export type AgentKindView = z.infer<typeof agentKindViewSchema>;
/** Request "list the agent kinds". */
export const listAgentKindsSchema = z.strictObject({ workspaceId: idSchema, ...pageFields });
/** A page of agent kinds, in the order of their registration. */
export const agentKindPageSchema = pageSchema(agentKindViewSchema);

/** What the last runs of a pipeline cost. */
export const pipelineCostsSchema = z.strictObject({
  /** The last 20 runs, newest first; amounts in millionths of the currency. */
  runs: z.array(
    z.strictObject({
      runId: idSchema,
      blockId: idSchema,
      status: z.string(),
      startedAt: timestampSchema,
      settledMicros: z.number().int().nonnegative(),
      reservedMicros: z.number().int().nonnegative(),
    }),
  ),
  totalMicros: z.number().int().nonnegative(),
  /** Mean of the finished ones; null without one. */
  meanMicros: z.number().int().nonnegative().nullable(),
});
/** Costs of the last runs of a pipeline, from what was settled. */
export type PipelineCosts = z.infer<typeof pipelineCostsSchema>;

/** Versions of a pipeline that runs have copied, by the digest of their steps. */
export const pipelineVersionsSchema = z.strictObject({
  /** The steps as a run started now would copy them. */
  current: digestSchema,
  /** Newest first, of the last 200 runs and all live ones among them. */
  versions: z.array(
    z.strictObject({
      digest: digestSchema,
      isCurrent: z.boolean(),
      lastStartedAt: timestampSchema,
      runs: z.number().int().nonnegative(),
      /** Ids of the live runs that use it. */
      live: z.array(idSchema),
    }),
  ),
});
/** Versions of a pipeline in use. */
export type PipelineVersions = z.infer<typeof pipelineVersionsSchema>;
