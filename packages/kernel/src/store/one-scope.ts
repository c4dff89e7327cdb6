import { mixedScopes } from "../store-errors.js";
import type { Change, Changes, ChangeSet } from "./index.js";
import type { ScopeRef } from "./requests.port.js";

/** Stands for the scope of the host. No workspace has this id: an id has no space. */
const HOST = "the host";

/** Before the id of an account, which might equal that of a workspace. */
const ACCOUNT = "account ";

/**
 * Refuses changes that belong to more than one workspace or account, or to one of them and the host. A store calls it before it writes.
 * @throws MillraceError `validation`.
 */
export function assertOneScope(changes: ChangeSet): void {
  const [first] = changes;
  if (first === undefined) return;
  const all: readonly Change<keyof Changes>[] = changes;
  // What the host changes of accounts belongs to the host.
  const isOfHost = all.some((change) => scopeOf(change) === HOST);
  const scope = isOfHost ? HOST : scopeOf(first);
  for (const change of all) {
    const own = scopeOf(change);
    assertSame(scope, isOfHost && own.startsWith(ACCOUNT) ? HOST : own);
    if (change.change === "insert-review") for (const item of change.items) assertSame(scope, item.workspaceId);
  }
}

/** True if the changes of a commit are of a workspace, or if there are none. */
export function isOfWorkspace(changes: ChangeSet): changes is readonly Change[] {
  const all: readonly Change<keyof Changes>[] = changes;
  return all.every((change) => isWorkspace(scopeOf(change)));
}

const isWorkspace = (scope: string): boolean => scope !== HOST && !scope.startsWith(ACCOUNT);

function assertSame(one: string, other: string): void {
  if (one !== other) throw mixedScopes(one, other);
}

/** The id of the workspace, or the host. Most changes carry `workspaceId`; those that write a whole record name it there. The compiler finds one that does neither. */
function scopeOf(change: Change<keyof Changes>): string {
  switch (change.change) {
    case "insert-workspace":
      return change.workspace.id;
    case "insert-block":
      return change.block.workspaceId;
    case "put-service":
    case "close-service":
    case "reopen-service":
    case "withdraw-service":
    case "share-service":
    case "settle-share":
    case "unshare-service":
      return ACCOUNT + change.accountId;
    case "begin-removal":
      return change.removal.workspaceId;
    case "insert-mount":
      return change.mount.workspaceId;
    case "add-dependency":
      return change.dependency.workspaceId;
    case "insert-preset":
    case "update-preset":
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
    case "put-channel-progress":
    case "put-delivery":
    case "trim-deliveries":
    case "put-machine-job":
    case "purge-invitations":
    case "insert-user":
    case "update-user":
    case "delete-user":
    case "insert-identity":
    case "update-identity":
    case "update-password":
    case "delete-identity":
    case "delete-password":
    case "insert-mail-proof":
    case "take-mail-proof":
    case "delete-mail-proofs":
    case "insert-session":
    case "confirm-session":
    case "end-session":
    case "end-sessions":
    case "touch-session":
    case "insert-api-token":
    case "delete-api-token":
    case "delete-api-tokens":
    case "touch-api-token":
    case "count-attempt":
    case "release-attempt":
    case "insert-sign-in-state":
    case "take-sign-in-state":
    case "insert-mail":
    case "claim-mail":
    case "remove-mail":
    case "append-host-event":
      return HOST;
    case "insert-account":
    case "update-account":
      return ACCOUNT + change.account.id;
    case "insert-invitation":
      return ACCOUNT + change.invitation.accountId;
    case "insert-membership":
      return ACCOUNT + change.membership.accountId;
    case "delete-account":
    case "renew-invitation":
    case "end-invitation":
    case "remove-invitations":
    case "put-roles":
    case "remove-membership":
    case "finish-departure":
    case "append-account-event":
      return ACCOUNT + change.accountId;
    case "insert-fragment":
    case "update-fragment":
    case "delete-fragment":
    case "hide-fragment":
      return refOf(change.owner);
    case "remember-request":
      return refOf(change.request.scope);
    default:
      return change.workspaceId;
  }
}

function refOf(scope: ScopeRef): string {
  if (scope.of === "host") return HOST;
  return scope.of === "account" ? ACCOUNT + scope.id : scope.id;
}
