/** Notifications of runs as changes of a commit, each with the event that announces it. */
import type { Notification, NotificationEvent, Run } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { boardEvent, type Authorship } from "../../platform/board-event.logic.js";
import { urgentAt } from "../rules/escalation.logic.js";
import type { DecisionInput } from "./decision-input.js";

/** The members of a notification that its cause decides. */
export type NotificationDraft = Pick<Notification, "id" | "type" | "title" | "body">;

/** Raises an open notification about a run's block. Title and body are cut at 300 and 8,000 characters. */
export function raiseNotification(
  run: Pick<Run, "id" | "workspaceId" | "blockId">,
  { settings }: Pick<DecisionInput, "settings">,
  by: Authorship,
  draft: NotificationDraft,
): Change {
  const notification: Notification = {
    id: draft.id,
    type: draft.type,
    title: draft.title.slice(0, 300),
    body: draft.body.slice(0, 8000),
    workspaceId: run.workspaceId,
    blockId: run.blockId,
    runId: run.id,
    status: "open",
    severity: "normal",
    createdAt: by.at,
    urgentAt: urgentAt(by.at, settings),
    resolvedAt: null,
  };
  const { severity, title } = notification;
  const event = boardEvent(by, { type: "notification-raised", ...subjectOf(notification), severity, title });
  return { change: "raise-notification", notification, event };
}

/** Members of a notification that never change. */
export type NotificationRef = Pick<Notification, "id" | "type" | "workspaceId" | "blockId" | "runId">;

/** Resolves a notification if it is open. */
export function resolveNotification(notification: NotificationRef, as: "acted" | "dismissed", by: Authorship): Change {
  const { workspaceId, id } = notification;
  const event = boardEvent(by, { type: "notification-resolved", ...subjectOf(notification), as });
  return { change: "resolve-notification", workspaceId, id, as, at: by.at, event };
}

/** Makes a notification urgent if it is open and not urgent yet. */
export function escalateNotification(notification: NotificationRef, by: Authorship): Change {
  const { workspaceId, id } = notification;
  const event = boardEvent(by, { type: "notification-escalated", ...subjectOf(notification) });
  return { change: "escalate-notification", workspaceId, id, event };
}

function subjectOf({
  id,
  type,
  blockId,
  runId,
}: NotificationRef): Pick<NotificationEvent, "notificationId" | "notificationType" | "blockId" | "runId"> {
  return { notificationId: id, notificationType: type, blockId, runId };
}
