import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import type { PresetsService } from "./merge-presets-service.js";

/** The operations on merge presets. */
export function presetHandlers(presets: PresetsService): HandlersOf<"presets"> {
  return {
    "presets.list": (_, input) => presets.list(input),
    "presets.get": (_, input) => presets.view(input),
    "presets.create": (context, { workspaceId, ...input }) => presets.create({ workspaceId, input, ...writtenBy(context) }),
    async "presets.update"(context, { workspaceId, presetId, ...input }) {
      await presets.update({ workspaceId, presetId, input, ...writtenBy(context) });
      return presets.view({ workspaceId, presetId });
    },
    "presets.makeDefault": (context, input) => presets.makeDefault({ ...input, ...writtenBy(context) }),
    "presets.remove": (context, input) => presets.remove({ ...input, ...writtenBy(context) }),
  };
}
