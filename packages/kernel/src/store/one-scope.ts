import { mixedScopes } from "../store-errors.js";
import type { Change, Changes, ChangeSet } from "./index.js";

/** Stands for the scope of the host. No workspace is called so: an id has no space. */
const HOST = "the host";

/**
 * Refuses changes that belong to more than one workspace, or to a workspace and the host. A store calls it before it writes.
 * @throws MillraceError `validation`.
 */
export function assertOneScope(changes: ChangeSet): void {
  let first: string | null = null;
  for (const change of changes) {
    for (const scope of scopesOf(change)) {
      first ??= scope;
      if (scope !== first) throw mixedScopes(first, scope);
    }
  }
}

/** Whether the changes of a commit are of a workspace; true of none. */
export function isOfWorkspace(changes: ChangeSet): changes is readonly Change[] {
  const all: readonly Change<keyof Changes>[] = changes;
  return all.every((change) => !scopesOf(change).includes(HOST));
}

/** Workspaces a change names, or the host. Most changes carry `workspaceId`; those that write a whole record name it there. */
function scopesOf(change: Change<keyof Changes>): readonly string[] {
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
    case "put-channel-progress":
    case "put-delivery":
      return [HOST];
    default:
      return [change.workspaceId];
  }
}
