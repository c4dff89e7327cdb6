import type { Notification } from "@millrace/contracts";
import colours from "picocolors";
import { describe, expect, it } from "vitest";
import { inboxLines, inboxOf } from "./inbox-lines.logic.js";

const MINUTE = 60_000;
const now = 100 * MINUTE;

function notification(id: string, over: Partial<Notification>): Notification {
  return {
    id,
    workspaceId: "ws_1",
    blockId: "blk_1",
    runId: `run_${id}`,
    type: "approval_required",
    severity: "normal",
    status: "open",
    title: `${id}: waiting for you`,
    body: "",
    createdAt: now,
    urgentAt: now + MINUTE,
    resolvedAt: null,
    ...over,
  };
}

describe("the inbox", () => {
  it("has urgent notifications first, swept or not, then the oldest", () => {
    const notifications = [
      notification("new", {}),
      notification("old", { createdAt: now - 50 * MINUTE }),
      notification("overdue", { createdAt: now - 30 * MINUTE, urgentAt: now }),
      notification("swept", { createdAt: now - 40 * MINUTE, severity: "urgent", urgentAt: now - MINUTE, type: "merge_review" }),
    ];
    const entries = inboxOf(notifications, now);
    expect(entries.map(({ id, urgent }) => [id, urgent])).toEqual([
      ["swept", true],
      ["overdue", true],
      ["old", false],
      ["new", false],
    ]);
    expect(inboxLines(entries, now, colours.createColors(false))).toEqual([
      "SINCE       RUN          WANTS                       WHAT",
      "40 min ago  run_swept    merge review (urgent)       swept: waiting for you",
      "30 min ago  run_overdue  approval required (urgent)  overdue: waiting for you",
      "50 min ago  run_old      approval required           old: waiting for you",
      "just now    run_new      approval required           new: waiting for you",
    ]);
  });

  it("marks urgent rows where the terminal has colours, and no other", () => {
    const entries = inboxOf([notification("new", {}), notification("swept", { severity: "urgent" })], now);
    expect(
      inboxLines(entries, now, { ...colours.createColors(false), bold: (text) => `*${text}*` }).map((line) => line.startsWith("*")),
    ).toEqual([false, true, false]);
  });
});
