import type { HandlersOf } from "../../platform/operations/handler.js";
import { writtenBy } from "../../platform/operations/written-by.js";
import type { WorkspacesService } from "./workspaces-service.js";

/** The operations on workspaces. */
export function workspaceHandlers(workspaces: WorkspacesService): HandlersOf<"workspaces"> {
  return {
    "workspaces.create": (context, input) => workspaces.create({ ...input, ...writtenBy(context) }),
  };
}
