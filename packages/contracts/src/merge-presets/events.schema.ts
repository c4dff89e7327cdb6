import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

/** A member of a preset, before and after. */
const valueSchema = z.union([z.string(), z.number()]);
const valuesSchema = z.record(z.string(), valueSchema);

/** Events of the merge presets of a workspace. Old values are kept: which ceiling held when. */
export const eventsOfPresets = [
  z.strictObject({ type: z.literal("preset-created"), presetId: idSchema, after: valuesSchema }),
  /** A person changed a preset. Live runs read it before they merge. */
  z.strictObject({ type: z.literal("preset-changed"), presetId: idSchema, before: valuesSchema, after: valuesSchema }),
  /** `before`: the default until then; null: there was none. */
  z.strictObject({ type: z.literal("preset-default-changed"), presetId: idSchema, before: idSchema.nullable() }),
  z.strictObject({
    type: z.literal("preset-removed"),
    presetId: idSchema,
    before: valuesSchema,
    /** Preset that its tasks name from now on; left out when none took its place. */
    replacedBy: idSchema.optional(),
  }),
] as const;
