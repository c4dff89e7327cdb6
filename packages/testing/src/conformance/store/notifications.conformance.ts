import type { Notification } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aNotification, aRecord, boardOf, expectRefusal, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const raise = (notification: Notification): Change => ({ change: "raise-notification", notification });
const escalate = (id: string, workspaceId = WS): Change => ({ change: "escalate-notification", workspaceId, id });
const resolve = (id: string): Change => ({ change: "resolve-notification", workspaceId: WS, id, as: "acted", at: 90 });

export const notificationCases: readonly StoreCase[] = [
  {
    name: "raising an open notification again keeps the first",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "raise-notification", notification: aNotification("ntf_1") }]);
      await store.commit([{ change: "raise-notification", notification: aNotification("ntf_1", { title: "Again", createdAt: 90 }) }]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([aNotification("ntf_1")]);
      expect(await store.notifications.ofRun(WS, "run_a")).toEqual([aNotification("ntf_1")]);
    },
  },
  {
    name: "resolving a notification resolves an open one only, and it can be raised anew",
    async run({ store }) {
      await seedRun(store);
      const resolve = (as: "acted" | "dismissed", at: number) =>
        store.commit([{ change: "resolve-notification", workspaceId: WS, id: "ntf_1", as, at }]);
      await resolve("acted", 40);
      await store.commit([{ change: "raise-notification", notification: aNotification("ntf_1") }]);
      await resolve("acted", 50);
      await resolve("dismissed", 60);
      expect(await store.notifications.ofRun(WS, "run_a")).toEqual([aNotification("ntf_1", { status: "acted", resolvedAt: 50 })]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([]);
      const again = aNotification("ntf_1", { title: "Again", createdAt: 70 });
      await store.commit([{ change: "raise-notification", notification: again }]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([again]);
    },
  },
  {
    name: "open notifications are listed oldest first, across pages, also after one of them was resolved",
    async run({ store }) {
      await seedRun(store);
      const notifications = [30, 10, 20, 20].map((createdAt, index) => aNotification(`ntf_${index}`, { createdAt }));
      await store.commit(notifications.map((notification) => ({ change: "raise-notification", notification }) as const));
      const ids = async (limit: number, after?: string): Promise<string[]> =>
        (await store.notifications.open(WS, { limit, after })).map(({ id }) => id);
      expect(await ids(2)).toEqual(["ntf_1", "ntf_2"]);
      await store.commit([{ change: "resolve-notification", workspaceId: WS, id: "ntf_2", as: "acted", at: 99 }]);
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
];
