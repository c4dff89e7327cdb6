import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { pageFields, pageSchema } from "../shared/page.schema.js";
import { mergePresetSchema, storedPresetSchema } from "./entity.schema.js";

const policy = mergePresetSchema.omit({ id: true, workspaceId: true });
const own = policy.shape;

/** Every member may be left out, and one that is left out stays left out: no default is filled in. */
type Changes<Shape extends Readonly<Record<string, z.core.$ZodType>>> = {
  readonly [Name in keyof Shape]: z.ZodOptional<Shape[Name] extends z.ZodDefault<infer Inner> ? Inner : Shape[Name]>;
};

const changes = Object.fromEntries(
  Object.entries(own).map(([name, field]) => [name, (field instanceof z.ZodDefault ? field.unwrap() : field).optional()]),
) as Changes<typeof own>;

/** A merge preset as lists show it. */
export const presetViewSchema = storedPresetSchema.extend({
  /** Holds for tasks that name none. A workspace has exactly one default. */
  isDefault: z.boolean(),
  /** Tasks on the board that name it; those that name none follow the default. */
  tasks: z.number().int().nonnegative(),
});
/** A merge preset with the number of tasks that name it. */
export type PresetView = z.infer<typeof presetViewSchema>;

/** Request "list the merge presets". */
export const listPresetsSchema = z.strictObject({ workspaceId: idSchema, ...pageFields });
/** A page of merge presets, the oldest first. */
export const presetPageSchema = pageSchema(presetViewSchema);

/** Request about one merge preset. */
export const presetRefSchema = z.strictObject({ workspaceId: idSchema, presetId: idSchema });

/** A new merge preset as a client sends it. */
export const createPresetSchema = policy;
/** A validated new merge preset, defaults filled in. */
export type CreatePreset = z.infer<typeof createPresetSchema>;

/** Request "add a merge preset". It is never the default by being added. */
export const createPresetRequestSchema = createPresetSchema.extend({ workspaceId: idSchema });

/** A change of a merge preset as a client sends it: what is left out stays as it is. */
export const updatePresetSchema = z.strictObject(changes);
/** A validated change of a merge preset. */
export type UpdatePreset = z.infer<typeof updatePresetSchema>;

/** Request "change a merge preset". */
export const updatePresetRequestSchema = updatePresetSchema.extend({ workspaceId: idSchema, presetId: idSchema });

/** Request "make a merge preset the default". */
export const makeDefaultPresetSchema = z.strictObject({ workspaceId: idSchema, presetId: idSchema });

/** Request "remove a merge preset". */
export const removePresetRequestSchema = z.strictObject({
  workspaceId: idSchema,
  presetId: idSchema,
  /** Preset that its tasks name from now on. Default: none, and it is refused while a task names it. */
  replaceBy: idSchema.optional(),
});
