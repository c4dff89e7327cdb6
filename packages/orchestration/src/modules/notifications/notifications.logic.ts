import type { Notification } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";

/** The changes that make overdue notifications urgent. */
export function escalations(overdue: readonly Notification[]): readonly Change[] {
  return overdue.map(({ workspaceId, id }): Change => ({ change: "escalate-notification", workspaceId, id }));
}
