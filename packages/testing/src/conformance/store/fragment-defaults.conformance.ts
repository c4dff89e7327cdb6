import { expect } from "vitest";
import { WS, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

export const fragmentDefaultCases: readonly StoreCase[] = [
  {
    name: "FRG-10 the fragments of new services are one list under its revision",
    async run({ store }) {
      const put = (ids: readonly string[], expected: number | null, workspaceId = WS) =>
        store.commit([{ change: "put-fragment-defaults", workspaceId, ids, expected }]);
      await store.commit(boardOf(WS));
      expect(await store.fragmentDefaults.get(WS)).toBeNull();
      await expectRefusal(put(["tests"], 1), "stale_revision");
      await put(["tests", "style"], 0);
      await expectRefusal(put([], 0), "stale_revision");
      await put(["style"], null);
      await expectRefusal(put([], null, "ws_x"), "not_found");
      expect(await store.fragmentDefaults.get(WS)).toEqual({ ids: ["style"], revision: 2 });
    },
  },
];
