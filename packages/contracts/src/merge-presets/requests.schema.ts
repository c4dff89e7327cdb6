import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { mergePresetSchema } from "./entity.schema.js";

const own = mergePresetSchema.omit({ id: true, workspaceId: true }).shape;

/** Every member may be left out, and one that is left out stays left out: no default is filled in. */
type Changes<Shape extends Readonly<Record<string, z.core.$ZodType>>> = {
  readonly [Name in keyof Shape]: z.ZodOptional<Shape[Name] extends z.ZodDefault<infer Inner> ? Inner : Shape[Name]>;
};

const changes = Object.fromEntries(
  Object.entries(own).map(([name, field]) => [name, (field instanceof z.ZodDefault ? field.unwrap() : field).optional()]),
) as Changes<typeof own>;

/** A change of a merge preset as a client sends it: what is left out stays as it is. */
export const updatePresetSchema = z.strictObject(changes);
/** A validated change of a merge preset. */
export type UpdatePreset = z.infer<typeof updatePresetSchema>;

/** Request "change a merge preset". */
export const updatePresetRequestSchema = updatePresetSchema.extend({ workspaceId: idSchema, presetId: idSchema });
