import { z } from "zod";
import type { Operations } from "../shared/operation.js";
import { pageSchema } from "../shared/page.schema.js";
import { idSchema } from "../shared/scalars.schema.js";
import { auditExportSchema, auditItemSchema, eventPageSchema } from "./entity.schema.js";
import {
  auditOfAccountSchema,
  auditOfWorkspaceSchema,
  exportOfAccountSchema,
  exportOfWorkspaceSchema,
  readEventsSchema,
} from "./requests.schema.js";

/** Operations on the logs, and on the audit that is made of them. */
export const operationsOfAudit = {
  "events.stream": {
    id: "EVT-01",
    method: "GET",
    path: "/workspaces/{workspaceId}/events/stream",
    input: readEventsSchema,
    output: eventPageSchema,
    errors: ["cursor_expired"],
    capability: "workspace.read",
    isStreamed: true,
    summary: "The events of a workspace as they come: nothing is missed or repeated by a reader that goes on from the last position.",
  },
  "events.page": {
    id: "EVT-02a",
    method: "GET",
    path: "/workspaces/{workspaceId}/events",
    input: readEventsSchema,
    output: eventPageSchema,
    errors: ["cursor_expired"],
    capability: "workspace.read",
    summary: "The events of a workspace behind a position, in the order of the log.",
  },
  "events.head": {
    id: "EVT-02b",
    method: "GET",
    path: "/workspaces/{workspaceId}/events/head",
    input: z.strictObject({ workspaceId: idSchema }),
    output: z.strictObject({ cursor: z.string() }),
    errors: [],
    capability: "workspace.read",
    summary: "The position behind every event that can be read now.",
  },
  "audit.ofWorkspace": {
    id: "EVT-04a",
    method: "GET",
    path: "/workspaces/{workspaceId}/audit",
    input: auditOfWorkspaceSchema,
    output: pageSchema(auditItemSchema),
    errors: [],
    capability: "audit.read",
    summary: "Who did what in a workspace, when, for whom and on which evidence, the newest first.",
  },
  "audit.ofAccount": {
    id: "EVT-04b",
    method: "GET",
    path: "/accounts/{accountId}/audit",
    input: auditOfAccountSchema,
    output: pageSchema(auditItemSchema),
    errors: [],
    capability: "audit.read",
    summary: "Who changed what in an account, when and for whom, the newest first.",
  },
  "audit.exportWorkspace": {
    id: "EVT-05a",
    method: "GET",
    path: "/workspaces/{workspaceId}/audit/export",
    input: exportOfWorkspaceSchema,
    output: auditExportSchema,
    errors: [],
    capability: "audit.read",
    isStreamed: true,
    summary: "The audit of a workspace as lines of JSON, the oldest first, with a digest over them as the last line.",
  },
  "audit.exportAccount": {
    id: "EVT-05b",
    method: "GET",
    path: "/accounts/{accountId}/audit/export",
    input: exportOfAccountSchema,
    output: auditExportSchema,
    errors: [],
    capability: "audit.read",
    isStreamed: true,
    summary: "The audit of an account as lines of JSON, the oldest first, with a digest over them as the last line.",
  },
} as const satisfies Operations;
