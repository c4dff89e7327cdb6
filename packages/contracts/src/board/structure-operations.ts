import type { Operations } from "../shared/operation.js";
import { layoutSchema } from "../sharing/entity.schema.js";
import { dependencySchema } from "./dependency.schema.js";
import { blockSchema } from "./entity.schema.js";
import {
  dependencyRequestSchema,
  moveRequestSchema,
  removeBlockRequestSchema,
  reparentRequestSchema,
} from "./structure-requests.schema.js";

/** Operations on where blocks are, what they wait for, and their removal. */
export const operationsOfStructure = {
  "board.move": {
    id: "BRD-13",
    method: "PUT",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/position",
    input: moveRequestSchema,
    output: layoutSchema,
    errors: [],
    capability: "board.write",
    summary: "Draws a block elsewhere; the last one wins. A service of another board moves on this board only.",
  },
  "board.reparent": {
    id: "BRD-14",
    method: "POST",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/reparent",
    input: reparentRequestSchema,
    output: blockSchema,
    errors: ["run_in_progress", "limit_reached"],
    capability: "board.write",
    summary:
      "Puts a task into a service or a module, or a module into a service, of the same home. Into another service: while no run of it is live.",
  },
  "board.addDependency": {
    id: "BRD-15a",
    method: "PUT",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/dependencies/{onId}",
    input: dependencyRequestSchema,
    output: dependencySchema,
    errors: ["cycle", "limit_reached"],
    capability: "board.write",
    summary: "Lets a task wait for another one of the same home: it does not start before that is done.",
  },
  "board.removeDependency": {
    id: "BRD-15b",
    method: "DELETE",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/dependencies/{onId}",
    input: dependencyRequestSchema,
    output: null,
    errors: [],
    capability: "board.write",
    summary: "Lets a task wait for another one no longer.",
  },
  "board.remove": {
    id: "BRD-16",
    method: "DELETE",
    path: "/workspaces/{workspaceId}/blocks/{blockId}",
    input: removeBlockRequestSchema,
    output: null,
    errors: ["in_use"],
    capability: "board.write",
    isRevised: true,
    summary:
      "Removes a block with everything in it; a service needs service.write as well. Live runs are stopped and seen to end first. What runs did stays readable as long as they are kept.",
  },
} as const satisfies Operations;
