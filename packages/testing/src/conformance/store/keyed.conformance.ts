import { expect } from "vitest";
import { WS, aNotification, aRecord, aSpend, expectRefusal, raise, resolve, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const put = (key: string, text: string) => ({ change: "put-output", workspaceId: WS, runId: "run_a", key, text }) as const;

export const keyedCases: readonly StoreCase[] = [
  {
    name: "an output is read by its key, and putting the key again replaces it",
    async run({ store }) {
      await seedRun(store);
      const long = "ü\u{1F600}\0'\"\n".repeat(50_000);
      await store.commit([put("one", "first"), put("two", long), put("none", "")]);
      await store.commit([put("one", "second")]);
      expect(await store.outputs.get(WS, "one")).toBe("second");
      expect(await store.outputs.get(WS, "two")).toBe(long);
      expect(await store.outputs.get(WS, "none")).toBe("");
      expect(await store.outputs.get(WS, "three")).toBeNull();
      const many = await store.outputs.getMany(WS, ["two", "three", "one", "one"]);
      expect(Object.fromEntries(many)).toEqual({ one: "second", two: long });
      expect((await store.outputs.getMany(WS, [])).size).toBe(0);
    },
  },
  {
    name: "raising an open notification again keeps the first",
    async run({ store }) {
      await seedRun(store);
      await store.commit([raise(aNotification("ntf_1"))]);
      await store.commit([raise(aNotification("ntf_1", { title: "Again", createdAt: 90 }))]);
      expect(await store.notifications.open(WS, { limit: 9 })).toEqual([aNotification("ntf_1")]);
      expect(await store.notifications.ofRun(WS, "run_a")).toEqual([aNotification("ntf_1")]);
    },
  },
  {
    name: "settling a notification settles an open one only, and it can be raised anew",
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
    name: "open notifications are listed oldest first, across pages, also after one of them was settled",
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
    name: "usage counts once per key, and is listed in the order it was spent",
    async run({ store }) {
      await seedRun(store);
      const record = (...rows: readonly ReturnType<typeof aSpend>[]) =>
        store.commit(rows.map((usage) => ({ change: "record-usage", usage }) as const));
      await record(aSpend("use_2", { at: 50, costMicros: null }), aSpend("use_1"));
      await record(aSpend("use_1", { inputTokens: 999 }));
      expect(await store.usage.ofRun(WS, "run_a")).toEqual([aSpend("use_1"), aSpend("use_2", { at: 50, costMicros: null })]);
      expect(await store.usage.ofRun(WS, "run_x")).toEqual([]);
    },
  },
  {
    name: "what belongs to a run needs the run",
    async run({ store }) {
      await seedRun(store);
      const runId = "run_x";
      await expectRefusal(store.commit([{ ...put("one", "text"), runId }]), "not_found");
      await expectRefusal(store.commit([raise(aNotification("ntf_1", { runId }))]), "not_found");
      await expectRefusal(store.commit([{ change: "record-usage", usage: aSpend("use_1", { runId }) }]), "not_found");
      await store.commit([
        { change: "insert-run", record: aRecord(runId, { status: "done" }) },
        { ...put("one", "text"), runId },
      ]);
      expect(await store.outputs.get(WS, "one")).toBe("text");
    },
  },
];
