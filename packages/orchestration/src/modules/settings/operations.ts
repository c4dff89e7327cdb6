import type { HandlersOf } from "../../platform/operations/handler.js";
import { writtenBy } from "../../platform/operations/written-by.js";
import type { SettingsService } from "./settings-service.js";

/** The operations on the settings of a workspace. */
export function settingsHandlers(settings: SettingsService): HandlersOf<"settings"> {
  return {
    "settings.get": (_context, { workspaceId }) => settings.get(workspaceId),
    "settings.update": (context, { workspaceId, ...input }) => settings.update({ workspaceId, input, ...writtenBy(context) }),
    "settings.putTaskLimit": (context, { workspaceId, ...input }) => settings.putTaskLimit({ workspaceId, input, ...writtenBy(context) }),
  };
}
