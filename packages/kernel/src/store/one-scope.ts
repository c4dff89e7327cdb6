import { mixedScopes } from "../store-errors.js";
import type { Change, Changes, ChangeSet } from "./index.js";

/**
 * Refuses changes that belong to more than one workspace. A store calls it before it writes.
 * @throws MillraceError `validation`.
 */
export function assertOneScope(changes: ChangeSet): void {
  let first: string | null = null;
  for (const change of changes) {
    for (const workspaceId of workspacesOf(change)) {
      first ??= workspaceId;
      if (workspaceId !== first) throw mixedScopes(first, workspaceId);
    }
  }
}

/** Workspaces a change names. Most changes carry `workspaceId`; those that write a whole record name it there. */
function workspacesOf(change: Change<keyof Changes>): readonly string[] {
  switch (change.change) {
    case "insert-workspace":
      return [change.workspace.id];
    case "insert-block":
      return [change.block.workspaceId];
    case "put-preset":
      return [change.preset.workspaceId];
    case "insert-run":
    case "update-run":
      return [change.record.workspaceId];
    case "raise-notification":
      return [change.notification.workspaceId];
    case "record-usage":
      return [change.usage.workspaceId];
    case "insert-review":
      return [change.review.workspaceId, ...change.items.map((item) => item.workspaceId)];
    case "put-activation":
      return [change.activation.workspaceId];
    default:
      return [change.workspaceId];
  }
}
