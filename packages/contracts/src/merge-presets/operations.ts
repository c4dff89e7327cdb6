import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import { mergePresetSchema } from "./entity.schema.js";
import { updatePresetRequestSchema } from "./requests.schema.js";

/** Operations on merge presets. */
export const operationsOfPresets = {
  "presets.update": {
    id: "PRE-03",
    method: "PATCH",
    path: "/workspaces/{workspaceId}/presets/{presetId}",
    input: updatePresetRequestSchema,
    output: mergePresetSchema,
    errors: [...PERSON_ERRORS],
    capability: "preset.write",
    summary: "Changes a merge preset. Live runs read it before they merge: a lowered ceiling counts at once.",
  },
} as const satisfies Operations;
