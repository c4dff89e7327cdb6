import type { Notification } from "@millrace/contracts";
import type { NotificationChanges, NotificationReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { Draft, MemoryHandlers } from "../draft.js";
import { MAX_PAGE, byId, checkLimit, oldestFirst, paged } from "../paging.js";
import { needsRun } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const notificationChanges: MemoryHandlers<NotificationChanges> = {
  "raise-notification"(draft, { notification }) {
    const { notifications } = draft.tables;
    const key = keyOf(notification.workspaceId, notification.id);
    needsRun(draft, notification.workspaceId, notification.runId);
    if (notifications.get(key)?.status !== "open") draft.set(notifications, key, notification);
  },
  "resolve-notification": (draft, { workspaceId, id, as, at }) => patchOpen(draft, keyOf(workspaceId, id), { status: as, resolvedAt: at }),
  "escalate-notification": (draft, { workspaceId, id }) => patchOpen(draft, keyOf(workspaceId, id), { severity: "urgent" }),
};

function patchOpen(draft: Draft, key: string, patch: Partial<Notification>): void {
  const { notifications } = draft.tables;
  const notification = notifications.get(key);
  if (notification?.status === "open") draft.set(notifications, key, { ...notification, ...patch });
}

export function notificationReads({ notifications }: MemoryTables): NotificationReads {
  const ofWorkspace = (workspaceId: string): readonly Notification[] =>
    [...notifications.values()].filter((notification) => notification.workspaceId === workspaceId).toSorted(oldestFirst);
  return {
    open: async (workspaceId, page) => paged(ofWorkspace(workspaceId), page, ({ status }) => status === "open"),
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
