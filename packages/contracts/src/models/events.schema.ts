import { z } from "zod";
import { agentKindSchema } from "../shared/scalars.schema.js";

/** Events of the models of a workspace. */
export const eventsOfModels = [
  z.strictObject({
    type: z.literal("model-default-changed"),
    kind: agentKindSchema,
    /** Null: none was set. */
    before: z.string().max(200).nullable(),
    /** Null: none is set any more. */
    after: z.string().max(200).nullable(),
  }),
] as const;
