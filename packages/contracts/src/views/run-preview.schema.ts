import { z } from "zod";
import { stepDefinitionSchema } from "../pipelines/entity.schema.js";
import { errorCodeSchema } from "../shared/errors.schema.js";
import { agentKindSchema } from "../shared/scalars.schema.js";

/** What a start of a pipeline on a block would need, and what would refuse it now. Nothing was changed to find out. */
export const runPreviewSchema = z.strictObject({
  /** The steps that would run. */
  steps: z.array(stepDefinitionSchema),
  /** Models that the run may call, its helpers and panels among them. `vendor`: whose personal credential it needs, null: none. */
  models: z.array(
    z.strictObject({
      kind: agentKindSchema,
      model: z.string().nullable(),
      usable: z.boolean(),
      why: z.string(),
      fix: z.string(),
      vendor: z.string().nullable(),
    }),
  ),
  /** Every refusal, in the order in which a start asks. Empty: it would start. */
  refusals: z.array(z.strictObject({ code: errorCodeSchema, message: z.string(), fix: z.string().nullable() })),
  /** Reserved before each call, in millionths: what a call of unknown cost is settled at. */
  reserves: z.strictObject({ inlineMicros: z.number().int().nonnegative(), jobMicros: z.number().int().nonnegative() }),
});
/** What a start of a pipeline on a block would need, and what would refuse it now. */
export type RunPreview = z.infer<typeof runPreviewSchema>;
