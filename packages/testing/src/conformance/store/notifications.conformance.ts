import { LOG_START } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aNotification, aRecord, boardOf, escalate, expectRefusal, raise, resolve, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

export const notificationCases: readonly StoreCase[] = [
  {
    name: "raising an open notification again keeps the first",
    async run({ store }) {
      await seedRun(store);
      await store.commit([raise(aNotification("ntf_1"))]);
      await store.commit([raise(aNotification("ntf_1", { title: "Again", createdAt: 90 }))]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([aNotification("ntf_1")]);
      expect(await store.notifications.ofRun(WS, "run_a")).toEqual([aNotification("ntf_1")]);
      expect(await store.notifications.get(WS, "ntf_1")).toEqual(aNotification("ntf_1"));
      expect(await store.notifications.get(WS, "ntf_2")).toBeNull();
      expect(await store.notifications.get("ws_x", "ntf_1")).toBeNull();
    },
  },
  {
    name: "resolving a notification resolves an open one only, and it can be raised anew",
    async run({ store }) {
      await seedRun(store);
      const commitResolved = (as: "acted" | "dismissed", at: number) => store.commit([resolve("ntf_1", as, at)]);
      await commitResolved("acted", 40);
      await store.commit([raise(aNotification("ntf_1"))]);
      await commitResolved("acted", 50);
      await commitResolved("dismissed", 60);
      expect(await store.notifications.ofRun(WS, "run_a")).toEqual([aNotification("ntf_1", { status: "acted", resolvedAt: 50 })]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([]);
      const again = aNotification("ntf_1", { title: "Again", createdAt: 70 });
      await store.commit([raise(again)]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([again]);
    },
  },
  {
    name: "open notifications are listed oldest first, across pages, also after one of them was resolved",
    async run({ store }) {
      await seedRun(store);
      const notifications = [30, 10, 20, 20].map((createdAt, index) => aNotification(`ntf_${index}`, { createdAt }));
      await store.commit(notifications.map(raise));
      const ids = async (limit: number, after?: string): Promise<string[]> =>
        (await store.notifications.open(WS, { limit, after })).map(({ id }) => id);
      expect(await ids(2)).toEqual(["ntf_1", "ntf_2"]);
      await store.commit([resolve("ntf_2", "acted", 99)]);
      expect(await ids(9, "ntf_2")).toEqual(["ntf_3", "ntf_0"]);
      expect(await ids(9)).toEqual(["ntf_1", "ntf_3", "ntf_0"]);
      expect((await store.notifications.ofRun(WS, "run_a")).map(({ id }) => id)).toEqual(["ntf_1", "ntf_2", "ntf_3", "ntf_0"]);
    },
  },
  {
    name: "an open notification becomes urgent, a resolved or unknown one stays as it is",
    async run({ store }) {
      await seedRun(store);
      await store.commit([raise(aNotification("ntf_1")), raise(aNotification("ntf_2")), resolve("ntf_2")]);
      await store.commit([escalate("ntf_1"), escalate("ntf_1"), escalate("ntf_2"), escalate("ntf_x")]);
      await store.commit([escalate("ntf_1", "ws_x")]);
      expect(await store.notifications.ofRun(WS, "run_a")).toEqual([
        aNotification("ntf_1", { severity: "urgent" }),
        aNotification("ntf_2", { status: "acted", resolvedAt: 90 }),
      ]);
    },
  },
  {
    name: "an urgent notification that is raised again stays urgent while it is open, and starts normal after it was resolved",
    async run({ store }) {
      await seedRun(store);
      await store.commit([raise(aNotification("ntf_1")), escalate("ntf_1"), raise(aNotification("ntf_1"))]);
      expect((await store.notifications.open(WS, { limit: 9 })).map(({ severity }) => severity)).toEqual(["urgent"]);
      await store.commit([resolve("ntf_1"), raise(aNotification("ntf_1", { createdAt: 95 }))]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([aNotification("ntf_1", { createdAt: 95 })]);
    },
  },
  {
    name: "overdue notifications are the open ones of normal severity whose time has come, longest overdue first, of all workspaces",
    async run({ store }) {
      await seedRun(store);
      await store.commit([...boardOf("ws_b"), { change: "insert-run", record: aRecord("run_a", { workspaceId: "ws_b" }) }]);
      const notifications = [51, 10, 30, 20, 20, 50].map((urgentAt, index) =>
        aNotification(`ntf_${index}`, { createdAt: 9 - index, urgentAt }),
      );
      await store.commit(notifications.map(raise));
      await store.commit([raise(aNotification("ntf_b", { workspaceId: "ws_b", urgentAt: 25 }))]);
      await store.commit([escalate("ntf_1"), resolve("ntf_2")]);
      const overdue = async (now: number, limit: number) => (await store.notifications.overdue(now, limit)).map(({ id }) => id);
      expect(await overdue(50, 9)).toEqual(["ntf_3", "ntf_4", "ntf_b", "ntf_5"]);
      expect(await overdue(50, 2)).toEqual(["ntf_3", "ntf_4"]);
      expect(await overdue(19, 9)).toEqual([]);
      expect(await store.notifications.overdue(26, 9)).toContainEqual(aNotification("ntf_b", { workspaceId: "ws_b", urgentAt: 25 }));
      for (const limit of [0, 201, 1.5]) await expectRefusal(store.notifications.overdue(50, limit), "validation");
    },
  },
  {
    name: "the event of a notification is in the log exactly when its row changed, once each time",
    async run({ store }) {
      await seedRun(store);
      const told = async (): Promise<readonly string[]> =>
        (await store.events.read(WS, LOG_START, 99)).flatMap(({ runId, entry: { event } }) =>
          runId === null && "notificationId" in event ? [`${event.type} ${event.notificationId}`] : [],
        );
      await store.commit([resolve("ntf_1"), escalate("ntf_1")]);
      expect(await told()).toEqual([]);
      await store.commit([raise(aNotification("ntf_1")), raise(aNotification("ntf_1"))]);
      await store.commit([raise(aNotification("ntf_1"))]);
      expect(await told()).toEqual(["notification-raised ntf_1"]);
      await Promise.all([1, 2, 3].map(() => store.commit([escalate("ntf_1")])));
      expect(await told()).toEqual(["notification-raised ntf_1", "notification-escalated ntf_1"]);
      await Promise.all([1, 2, 3].map((at) => store.commit([resolve("ntf_1", "acted", at)])));
      await store.commit([escalate("ntf_1"), raise(aNotification("ntf_1"))]);
      expect((await told()).slice(2)).toEqual(["notification-resolved ntf_1", "notification-raised ntf_1"]);
    },
  },
  {
    name: "the event of a notification that a refused commit would have raised is not in the log",
    async run({ store }) {
      await seedRun(store);
      const before = await store.events.read(WS, LOG_START, 99);
      await expectRefusal(
        store.commit([raise(aNotification("ntf_1")), { change: "update-run", record: aRecord("run_a"), expected: 7 }]),
        "stale_revision",
      );
      expect(await store.events.read(WS, LOG_START, 99)).toEqual(before);
    },
  },
];
