import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

/** A member of a preset, before and after. */
const valueSchema = z.union([z.string(), z.number()]);

/** Events of the merge presets of a workspace. */
export const eventsOfPresets = [
  /** A person changed a preset. Live runs read it before they merge, so the old values are kept: which ceiling held when. */
  z.strictObject({
    type: z.literal("preset-changed"),
    presetId: idSchema,
    before: z.record(z.string(), valueSchema),
    after: z.record(z.string(), valueSchema),
  }),
] as const;
