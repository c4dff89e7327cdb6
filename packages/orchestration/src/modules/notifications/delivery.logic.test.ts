import type { BoardEventBody } from "@millrace/contracts";
import type { Delivery, LoggedBoardEvent } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { attempted, deliveryKey, isDueAt, owedDeliveries, type AttemptOutcome } from "./delivery.logic.js";

const MINUTE = 60_000;
const escalated: BoardEventBody = {
  type: "notification-escalated",
  notificationId: "run_1.0.1.1",
  notificationType: "approval_required",
  blockId: "blk_1",
  runId: "run_1",
};

function logged(cursor: string, event: BoardEventBody): LoggedBoardEvent {
  const entry = { version: 1, at: 5, actor: { type: "system", id: "millrace" } as const, event };
  return { cursor, workspaceId: "ws_1", runId: null, sequence: null, entry };
}

const [delivery] = owedDeliveries({ channel: "chat", cursor: "0", made: 4, leaseUntil: 0, revision: 1 }, [logged("12", escalated)]);
if (delivery === undefined) throw new Error("an event of a notification is owed");

describe("a channel", () => {
  it("is owed the events of notifications, in the order of the log, numbered on from the last", () => {
    const progress = { channel: "chat", cursor: "3", made: 4, leaseUntil: 0, revision: 9 };
    const events = [logged("5", escalated), logged("6", { type: "settings-changed" }), logged("9", escalated)];
    expect(owedDeliveries(progress, events)).toMatchObject([
      { channel: "chat", number: 5, cursor: "5", workspaceId: "ws_1", status: "pending", attempts: 0, entry: { event: escalated } },
      { channel: "chat", number: 6, cursor: "9" },
    ]);
  });
});

describe("a delivery", () => {
  const after = (outcomes: readonly AttemptOutcome[], at = 1000): Delivery =>
    outcomes.reduce((before, outcome) => attempted(before, outcome, at), delivery);
  const failed: AttemptOutcome = { is: "failed", error: "timed out" };

  it("has the key of its channel and its event, whatever became of it", () => {
    expect(deliveryKey(delivery)).toBe("chat/12");
    expect(deliveryKey(after([failed]))).toBe("chat/12");
  });

  it("is done when it was taken, also after failures", () => {
    expect(after([failed, { is: "delivered" }])).toMatchObject({ status: "delivered", attempts: 2, lastError: null });
  });

  it("is given up at once when the receiver will never take it", () => {
    expect(after([{ is: "rejected", reason: "no such channel" }])).toMatchObject({
      status: "dead",
      attempts: 1,
      lastError: "no such channel",
    });
  });

  it("that failed is sent again after a pause that doubles, up to twelve hours", () => {
    expect([1, 2, 3, 9].map((times) => after(Array.from({ length: times }, () => failed)).nextAttemptAt - 1000)).toEqual([
      MINUTE,
      2 * MINUTE,
      4 * MINUTE,
      256 * MINUTE,
    ]);
    expect(after([failed])).toMatchObject({ status: "pending", attempts: 1, lastError: "timed out" });
  });

  it("F:C9 is sent again after its pause at the latest, whatever the clock was set back to", () => {
    const waiting = after([failed], 10_000_000);
    expect([10_000_000, 10_059_999, 10_060_000].map((now) => isDueAt(waiting, now))).toEqual([false, false, true]);
    expect(isDueAt(waiting, 6_400_000)).toBe(true);
  });

  it("is given up after ten attempts", () => {
    const tries = (count: number): Delivery => after(Array.from({ length: count }, () => failed));
    expect([9, 10].map((count) => tries(count).status)).toEqual(["pending", "dead"]);
  });
});
