import type { Notification } from "@millrace/contracts";
import { ago, oneLine, table } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";

const TITLE_CHARS = 60;

/** An open notification as a person sees it. */
export interface InboxEntry extends Notification {
  /** Made urgent by a sweep, or overdue: notifications of a board without a driver are overdue all the same. */
  readonly urgent: boolean;
}

/** Urgent ones first, then the oldest. */
export function inboxOf(notifications: readonly Notification[], now: number): readonly InboxEntry[] {
  return notifications
    .map((notification) => ({ ...notification, urgent: notification.severity === "urgent" || notification.urgentAt <= now }))
    .toSorted((a, b) => Number(b.urgent) - Number(a.urgent) || a.createdAt - b.createdAt);
}

export function inboxLines(entries: readonly InboxEntry[], now: number, colours: Colours): readonly string[] {
  const [head = "", ...rows] = table([
    ["SINCE", "RUN", "WANTS", "WHAT"],
    ...entries.map(({ createdAt, runId, type, title, urgent }) => [
      ago(createdAt, now),
      runId,
      `${type.replaceAll("_", " ")}${urgent ? " (urgent)" : ""}`,
      oneLine(title, TITLE_CHARS),
    ]),
  ]);
  return [head, ...rows.map((row, index) => (entries[index]?.urgent === true ? colours.bold(row) : row))];
}
