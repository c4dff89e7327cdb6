import { expect } from "vitest";
import { WS, seedRun } from "./fixtures.js";
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
];
