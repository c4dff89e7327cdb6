import type { Notification, NotificationEvent } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { escalateNotification } from "../../run/model/notification.logic.js";

/** The changes that make overdue notifications urgent, one commit per workspace. `at` is epoch ms. */
export function escalations(overdue: readonly Notification[], at: number): readonly (readonly Change[])[] {
  const byWorkspace = Map.groupBy(overdue, ({ workspaceId }) => workspaceId);
  return [...byWorkspace.values()].map((own) => own.map((notification) => escalateNotification(notification, { at })));
}

/** What happened to a notification, as one line. */
export function describeNotificationEvent(event: NotificationEvent): string {
  switch (event.type) {
    case "notification-raised":
      return `notification raised (${event.notificationType}): ${event.title}`;
    case "notification-escalated":
      return `notification of ${event.blockId} (${event.notificationType}) is urgent now`;
    case "notification-resolved":
      return `notification of ${event.blockId} (${event.notificationType}) ${event.as}`;
  }
}
