import type { Notification } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { describeNotificationEvent, escalations } from "./notifications.logic.js";

const subject = { notificationId: "run_1.0.1.1", notificationType: "approval_required", blockId: "blk_1", runId: "run_1" } as const;

function overdue(id: string, workspaceId = "ws_1"): Notification {
  return {
    id,
    workspaceId,
    blockId: "blk_1",
    runId: "run_1",
    type: "approval_required",
    severity: "normal",
    status: "open",
    title: "t",
    body: "",
    createdAt: 1,
    urgentAt: 5,
    resolvedAt: null,
  };
}

describe("overdue notifications", () => {
  it("are made urgent by the engine, each announced", () => {
    expect(escalations([overdue("run_1.0.1.1")], 7)).toEqual([
      [
        {
          change: "escalate-notification",
          workspaceId: "ws_1",
          id: "run_1.0.1.1",
          event: { version: 1, at: 7, actor: { type: "system", id: "millrace" }, event: { type: "notification-escalated", ...subject } },
        },
      ],
    ]);
  });

  it("are written one workspace at a time", () => {
    const commits = escalations([overdue("a"), overdue("b", "ws_2"), overdue("c")], 7);
    expect(commits.map((changes) => changes.map((change) => ("id" in change ? change.id : null)))).toEqual([["a", "c"], ["b"]]);
  });
});

describe("events of notifications", () => {
  it.each([
    [
      { type: "notification-raised", ...subject, severity: "normal", title: "Sort: waiting for you" },
      "notification raised (approval_required): Sort: waiting for you",
    ],
    [{ type: "notification-escalated", ...subject }, "notification of blk_1 (approval_required) is urgent now"],
    [{ type: "notification-resolved", ...subject, as: "dismissed" }, "notification of blk_1 (approval_required) dismissed"],
  ] as const)("%j", (event, line) => {
    expect(describeNotificationEvent(event)).toBe(line);
  });
});
