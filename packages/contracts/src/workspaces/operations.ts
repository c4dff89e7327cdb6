import type { Operations } from "../shared/operation.js";
import { workspaceSchema } from "./entity.schema.js";
import { createWorkspaceSchema } from "./requests.schema.js";

/** Operations on workspaces. */
export const operationsOfWorkspaces = {
  "workspaces.create": {
    id: "WSP-02",
    method: "POST",
    path: "/workspaces",
    input: createWorkspaceSchema,
    output: workspaceSchema,
    errors: [],
    capability: "workspace.create",
    summary: "Creates a workspace with the built-in pipelines and the balanced merge preset.",
  },
} as const satisfies Operations;
