import { expect } from "vitest";
import { WS, aNotification, aRecord, aSpend, expectRefusal, raise, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const put = (key: string, text: string) => ({ change: "put-output", workspaceId: WS, runId: "run_a", key, text }) as const;

export const outputCases: readonly StoreCase[] = [
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
