import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { taskLimitFields, workspaceSettingsSchema } from "./entity.schema.js";

const { escalationMinutes, defaultPipelineId } = workspaceSettingsSchema.shape;

/** Request about the settings of a workspace. */
export const settingsRequestSchema = z.strictObject({ workspaceId: idSchema });

/** A change of settings as a client sends it: what is left out stays as it is. */
export const updateSettingsSchema = z.strictObject({
  escalationMinutes: escalationMinutes.unwrap().optional(),
  defaultPipelineId: defaultPipelineId.unwrap().optional(),
});

/** Request "change settings". */
export const updateSettingsRequestSchema = updateSettingsSchema.extend({ workspaceId: idSchema });

/** A task limit as a client sends it: numbers that are left out stay as they are, so that a mode can be switched off and on again. */
export const putTaskLimitSchema = z.strictObject({
  mode: taskLimitFields.mode,
  shared: taskLimitFields.shared.unwrap().optional(),
  perType: taskLimitFields.perType.unwrap().optional(),
});

/** Request "set the limit of tasks". */
export const putTaskLimitRequestSchema = putTaskLimitSchema.extend({ workspaceId: idSchema });
