import { z } from "zod";
import { jsonSchema } from "../shared/scalars.schema.js";

/** Events of the settings of a workspace. */
export const eventsOfSettings = [
  z.strictObject({
    type: z.literal("settings-changed"),
    /** What changed, and to which value, by the name of the setting; in an event of an earlier version it is not said. */
    before: z.record(z.string(), jsonSchema).optional(),
    after: z.record(z.string(), jsonSchema).optional(),
    /** Revision of the settings from then on. */
    revision: z.number().int().positive().optional(),
  }),
] as const;
