import type { Notification, Run } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { urgentAt } from "../rules/escalation.logic.js";
import type { DecisionInput } from "./decision-input.js";

/** The members of a notification that its cause decides. */
export type NotificationDraft = Pick<Notification, "id" | "type" | "title" | "body">;

/** Raises an open notification about a run's block. Title and body are cut at 300 and 8,000 characters. `at` is epoch ms. */
export function raiseNotification(
  run: Pick<Run, "id" | "workspaceId" | "blockId">,
  input: Pick<DecisionInput, "settings">,
  at: number,
  draft: NotificationDraft,
): Change {
  return {
    change: "raise-notification",
    notification: {
      id: draft.id,
      type: draft.type,
      title: draft.title.slice(0, 300),
      body: draft.body.slice(0, 8000),
      workspaceId: run.workspaceId,
      blockId: run.blockId,
      runId: run.id,
      status: "open",
      severity: "normal",
      createdAt: at,
      urgentAt: urgentAt(at, input.settings),
      resolvedAt: null,
    },
  };
}
