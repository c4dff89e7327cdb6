import type { BoardEvent, Notification } from "@millrace/contracts";
import type { NotificationChanges, NotificationReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { MAX_PAGE, byId, checkLimit, copyOrNull, oldestFirst, paged } from "../paging.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";
import { appendEvent } from "./events.js";

export const notificationChanges: MemoryHandlers<NotificationChanges> = {
  "raise-notification"(draft, { notification, event }) {
    needsRun(draft, notification.workspaceId, notification.runId);
    if (openOne(draft, notification) === null) set(draft, notification, event);
  },
  "resolve-notification"(draft, { as: status, at: resolvedAt, event, ...key }) {
    const notification = openOne(draft, key);
    if (notification !== null) set(draft, { ...notification, status, resolvedAt }, event);
  },
  "escalate-notification"(draft, { event, ...key }) {
    const notification = openOne(draft, key);
    if (notification?.severity === "normal") set(draft, { ...notification, severity: "urgent" }, event);
  },
};

function openOne(draft: Draft, { workspaceId, id }: Pick<Notification, "workspaceId" | "id">): Notification | null {
  const notification = draft.tables.notifications.get(keyOf(workspaceId, id));
  return notification?.status === "open" ? notification : null;
}

/** The row, and the event that announces what changed of it. */
function set(draft: Draft, notification: Notification, event: BoardEvent): void {
  const { workspaceId, id } = notification;
  draft.set(draft.tables.notifications, keyOf(workspaceId, id), notification);
  appendEvent(draft, { workspaceId, runId: null, sequence: null, entry: event });
}

export function notificationReads({ notifications }: MemoryTables): NotificationReads {
  const ofWorkspace = (workspaceId: string): readonly Notification[] =>
    [...notifications.values()].filter((notification) => notification.workspaceId === workspaceId).toSorted(oldestFirst);
  return {
    get: async (workspaceId, id) => copyOrNull(notifications.get(keyOf(workspaceId, id))),
    open: async (workspaceId, page) => paged(ofWorkspace(workspaceId), page, ({ status }) => status === "open"),
    async countOpen(workspaceId) {
      const found = ofWorkspace(workspaceId).filter(({ status }) => status === "open");
      return { open: found.length, urgent: found.filter(({ severity }) => severity === "urgent").length };
    },
    ofRun: async (workspaceId, runId) => copyOf(ofWorkspace(workspaceId).filter((notification) => notification.runId === runId)),
    overdue: async (now, limit) =>
      copyOf(
        [...notifications.values()]
          .filter(({ status, severity, urgentAt }) => status === "open" && severity === "normal" && urgentAt <= now)
          .toSorted((a, b) => a.urgentAt - b.urgentAt || byId(a, b))
          .slice(0, checkLimit(limit, MAX_PAGE)),
      ),
  };
}
