import type { Change, Store } from "@millrace/kernel";
import { isSame } from "./same.logic.js";

/** The part of a landed change that is missing in the store; null when it is complete. Runs, events and wake-ups are checked elsewhere. */
export async function missingOf(store: Store, change: Change): Promise<string | null> {
  switch (change.change) {
    case "put-output":
      return (await store.outputs.get(change.workspaceId, change.key)) === change.text ? null : "output";
    case "record-usage": {
      const rows = await store.usage.ofRun(change.usage.workspaceId, change.usage.runId);
      return rows.some(({ key }) => key === change.usage.key) ? null : "usage";
    }
    case "raise-notification": {
      const { workspaceId, runId, id } = change.notification;
      const notifications = await store.notifications.ofRun(workspaceId, runId);
      return notifications.some((notification) => notification.id === id && notification.status === "open") ? null : "notification";
    }
    case "patch-block": {
      const block: Readonly<Record<string, unknown>> = { ...(await store.blocks.get(change.workspaceId, change.id)) };
      const patched = Object.entries(change.patch).every(([name, value]) => value === undefined || isSame(block[name], value));
      return patched ? null : "block";
    }
    default:
      return null;
  }
}
