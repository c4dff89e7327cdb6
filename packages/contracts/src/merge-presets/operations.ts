import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import {
  createPresetRequestSchema,
  listPresetsSchema,
  makeDefaultPresetSchema,
  presetPageSchema,
  presetRefSchema,
  presetViewSchema,
  removePresetRequestSchema,
  updatePresetRequestSchema,
} from "./requests.schema.js";

const ALL = "/workspaces/{workspaceId}/presets";
const ONE = "/workspaces/{workspaceId}/presets/{presetId}";

/** Operations on merge presets. */
export const operationsOfPresets = {
  "presets.list": {
    id: "PRE-01",
    method: "GET",
    path: ALL,
    input: listPresetsSchema,
    output: presetPageSchema,
    errors: [],
    capability: "workspace.read",
    summary: "Lists the merge presets, the oldest first, with the default marked and the number of tasks that name each.",
  },
  "presets.get": {
    id: "PRE-01a",
    method: "GET",
    path: ONE,
    input: presetRefSchema,
    output: presetViewSchema,
    errors: [],
    capability: "workspace.read",
    summary: "Reads a merge preset.",
  },
  "presets.create": {
    id: "PRE-02",
    method: "POST",
    path: ALL,
    input: createPresetRequestSchema,
    output: presetViewSchema,
    errors: ["already_exists", "limit_reached", ...PERSON_ERRORS],
    capability: "preset.write",
    summary: "Adds a merge preset under a free name. It is never the default by being added.",
  },
  "presets.update": {
    id: "PRE-03",
    method: "PATCH",
    path: ONE,
    input: updatePresetRequestSchema,
    output: presetViewSchema,
    errors: ["already_exists", ...PERSON_ERRORS],
    capability: "preset.write",
    isRevised: true,
    summary: "Changes a merge preset. Live runs read it before they merge: a lowered ceiling counts at once.",
  },
  "presets.makeDefault": {
    id: "PRE-04",
    method: "PUT",
    path: "/workspaces/{workspaceId}/default-preset",
    input: makeDefaultPresetSchema,
    output: presetViewSchema,
    errors: [...PERSON_ERRORS],
    capability: "preset.write",
    isRevised: true,
    summary: "Makes a merge preset the default: the one that holds for tasks that name none. There is always exactly one.",
  },
  "presets.remove": {
    id: "PRE-05",
    method: "DELETE",
    path: ONE,
    input: removePresetRequestSchema,
    output: null,
    errors: ["in_use", ...PERSON_ERRORS],
    capability: "preset.write",
    isRevised: true,
    summary: "Removes a merge preset. Refused for the default, and while a task names it, unless another one takes its place.",
  },
} as const satisfies Operations;
