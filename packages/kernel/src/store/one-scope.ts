import { mixedScopes } from "../store-errors.js";
import type { Change, Changes, ChangeSet } from "./index.js";

/**
 * Refuses changes that belong to more than one workspace. A store calls it before it writes.
 * @throws MillraceError `validation`.
 */
export function assertOneScope(changes: ChangeSet): void {
  const [first] = changes;
  if (first === undefined) return;
  const workspaceId = workspaceOf(first);
  for (const change of changes) {
    assertSame(workspaceId, workspaceOf(change));
    if (change.change === "insert-review") for (const item of change.items) assertSame(workspaceId, item.workspaceId);
  }
}

function assertSame(one: string, other: string): void {
  if (one !== other) throw mixedScopes(one, other);
}

/** Most changes carry `workspaceId`; those that write a whole record name it there. The compiler finds one that does neither. */
function workspaceOf(change: Change<keyof Changes>): string {
  switch (change.change) {
    case "insert-workspace":
      return change.workspace.id;
    case "insert-block":
      return change.block.workspaceId;
    case "put-preset":
      return change.preset.workspaceId;
    case "insert-run":
    case "update-run":
      return change.record.workspaceId;
    case "raise-notification":
      return change.notification.workspaceId;
    case "record-usage":
      return change.usage.workspaceId;
    case "insert-review":
      return change.review.workspaceId;
    case "put-activation":
      return change.activation.workspaceId;
    default:
      return change.workspaceId;
  }
}
