import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import { settingsViewSchema } from "./entity.schema.js";
import { putTaskLimitRequestSchema, settingsRequestSchema, updateSettingsRequestSchema } from "./requests.schema.js";

/** Operations on the settings of a workspace. */
export const operationsOfSettings = {
  "settings.get": {
    id: "SET-01",
    method: "GET",
    path: "/workspaces/{workspaceId}/settings",
    input: settingsRequestSchema,
    output: settingsViewSchema,
    errors: [],
    capability: "workspace.read",
    summary: "The settings of a workspace, defaults filled in, and which of them were set.",
  },
  "settings.update": {
    id: "SET-02",
    method: "PATCH",
    path: "/workspaces/{workspaceId}/settings",
    input: updateSettingsRequestSchema,
    output: settingsViewSchema,
    errors: [...PERSON_ERRORS],
    capability: "settings.write",
    isRevised: true,
    summary: "Changes the settings that are given. Open notifications keep the time they were raised with.",
  },
  "settings.putTaskLimit": {
    id: "SET-03",
    method: "PUT",
    path: "/workspaces/{workspaceId}/settings/task-limit",
    input: putTaskLimitRequestSchema,
    output: settingsViewSchema,
    errors: [...PERSON_ERRORS],
    capability: "settings.write",
    isRevised: true,
    summary: "Sets how many tasks of a service may run at a time. The numbers of the other modes are kept.",
  },
} as const satisfies Operations;
