import { z } from "zod";
import { blockSchema } from "../board/entity.schema.js";
import type { Operations } from "../shared/operation.js";
import { idSchema } from "../shared/scalars.schema.js";
import { serviceMapSchema } from "./entity.schema.js";

/** Operations on the maps that runs make of services. */
export const operationsOfBoardScan = {
  "board-scan.blueprint": {
    id: "SCN-02a",
    method: "GET",
    path: "/workspaces/{workspaceId}/blocks/{serviceId}/blueprint",
    input: z.strictObject({ workspaceId: idSchema, serviceId: idSchema }),
    output: serviceMapSchema,
    errors: [],
    capability: "workspace.read",
    summary: "Reads the map of a service: what it says about the service and its modules, and which it does not name any more.",
  },
  "board-scan.dismissStale": {
    id: "SCN-02b",
    method: "POST",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/stale/dismiss",
    input: z.strictObject({ workspaceId: idSchema, blockId: idSchema }),
    output: blockSchema,
    errors: [],
    capability: "board.write",
    summary: "Keeps a module that the map of its service does not name any more: it is people's from then on.",
  },
} as const satisfies Operations;
