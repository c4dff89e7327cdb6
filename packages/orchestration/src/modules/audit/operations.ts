import type { HandlersOf } from "../../platform/operations/handler.js";
import type { AuditService } from "./audit-service.js";

/** The operations on the logs and the audit. */
export function auditHandlers(audit: AuditService): HandlersOf<"events" | "audit"> {
  return {
    "events.stream": (_context, input) => audit.events(input),
    "events.page": (_context, input) => audit.events(input),
    "events.head": () => audit.head(),
    "audit.ofWorkspace": (_context, { workspaceId: id, limit, after, ...filter }) =>
      audit.list({ of: "workspace", id }, filter, { limit, after }),
    "audit.ofAccount": (_context, { accountId: id, limit, after, ...filter }) =>
      audit.list({ of: "account", id }, filter, { limit, after }),
    "audit.exportWorkspace": ({ by }, { workspaceId: id, ...time }) => audit.export({ of: "workspace", id }, by, time),
    "audit.exportAccount": ({ by }, { accountId: id, ...time }) => audit.export({ of: "account", id }, by, time),
  };
}
