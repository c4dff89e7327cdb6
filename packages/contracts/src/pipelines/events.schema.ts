import { z } from "zod";
import { digestSchema, idSchema } from "../shared/scalars.schema.js";

/** Events of the pipelines of a workspace. Live runs keep the steps they have copied. */
export const eventsOfPipelines = [
  z.strictObject({ type: z.literal("pipeline-created"), pipelineId: idSchema, digest: digestSchema }),
  /** A person changed its name or steps; `digest` is that of the steps as they are now. */
  z.strictObject({
    type: z.literal("pipeline-changed"),
    pipelineId: idSchema,
    digest: digestSchema.optional(),
    fields: z.array(z.string().max(60)).optional(),
    revision: z.number().int().positive().optional(),
  }),
  /** Labels or archiving; `archived` where that changed. */
  z.strictObject({
    type: z.literal("pipeline-organized"),
    pipelineId: idSchema,
    fields: z.array(z.string().max(60)),
    archived: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal("pipeline-removed"),
    pipelineId: idSchema,
    /** Pipeline that its tasks name from now on; left out when none took its place. */
    replacedBy: idSchema.optional(),
  }),
] as const;
