import type { Notification } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";

/** The changes that make overdue notifications urgent, one commit per workspace. */
export function escalations(overdue: readonly Notification[]): readonly (readonly Change[])[] {
  const byWorkspace = Map.groupBy(overdue, ({ workspaceId }) => workspaceId);
  return [...byWorkspace].map(([workspaceId, own]) => own.map(({ id }): Change => ({ change: "escalate-notification", workspaceId, id })));
}
