import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import type { PresetsService } from "./merge-presets-service.js";

/** The operations on merge presets. */
export function presetHandlers(presets: PresetsService): HandlersOf<"presets"> {
  return {
    "presets.update": (context, { workspaceId, presetId, ...input }) =>
      presets.update({ workspaceId, presetId, input, ...writtenBy(context) }),
  };
}
