import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import { blockSchema } from "./entity.schema.js";
import {
  addServiceRequestSchema,
  addTaskRequestSchema,
  putChecksRequestSchema,
  putTestingRequestSchema,
  updateTaskRequestSchema,
} from "./requests.schema.js";

/** Operations on the blocks of a board. */
export const operationsOfBoard = {
  "board.addService": {
    id: "BRD-03",
    method: "POST",
    path: "/workspaces/{workspaceId}/services",
    input: addServiceRequestSchema,
    output: blockSchema,
    errors: [],
    capability: "service.write",
    summary: "Adds a service: a repository, what counts as checked there, and the tasks that will work on it.",
  },
  "board.addTask": {
    id: "BRD-06",
    method: "POST",
    path: "/workspaces/{workspaceId}/blocks/{parentId}/tasks",
    input: addTaskRequestSchema,
    output: blockSchema,
    errors: [],
    capability: "board.write",
    summary: "Adds a task to a service or a module.",
  },
  "board.updateTask": {
    id: "BRD-07",
    method: "PATCH",
    path: "/workspaces/{workspaceId}/blocks/{blockId}",
    input: updateTaskRequestSchema,
    output: blockSchema,
    errors: ["run_in_progress"],
    capability: "board.write",
    summary:
      "Changes what a person said about a task. Refused while a run of it is live; a changed description voids its settled document.",
  },
  "board.putChecks": {
    id: "BRD-10",
    method: "PUT",
    path: "/workspaces/{workspaceId}/blocks/{serviceId}/checks",
    input: putChecksRequestSchema,
    output: blockSchema,
    errors: [...PERSON_ERRORS],
    capability: "checks.write",
    summary: "Sets what counts as checked in a service. Verdicts under the old policy are void: runs go back to their gates.",
  },
  "board.putTesting": {
    id: "BRD-11",
    method: "PUT",
    path: "/workspaces/{workspaceId}/blocks/{serviceId}/testing",
    input: putTestingRequestSchema,
    output: blockSchema,
    errors: [],
    capability: "service.write",
    summary: "Sets how a service is brought up for its tests. Runs read it before each step.",
  },
} as const satisfies Operations;
