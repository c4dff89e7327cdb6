import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const put = (kind: string, model: string, expected: number | null): Change => ({
  change: "put-model-default",
  workspaceId: WS,
  kind,
  model,
  expected,
});
const remove = (kind: string, expected: number | null): Change => ({ change: "delete-model-default", workspaceId: WS, kind, expected });

export const modelDefaultCases: readonly StoreCase[] = [
  {
    name: "MOD-04 the model of each agent kind is a row, changed under its own revision",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await store.commit([put("tester", "acme:one", 0), put("coder", "acme:one", null)]);
      await expectRefusal(store.commit([put("coder", "acme:late", 0)]), "stale_revision");
      await store.commit([put("coder", "acme:two", 1)]);
      expect(await store.modelDefaults.list(WS)).toEqual([
        { kind: "coder", model: "acme:two", revision: 2 },
        { kind: "tester", model: "acme:one", revision: 1 },
      ]);
      await expectRefusal(store.commit([remove("coder", 1)]), "stale_revision");
      await store.commit([remove("coder", 2)]);
      await store.commit([remove("coder", 2), remove("coder", null)]);
      expect(await store.modelDefaults.get(WS, "coder")).toBeNull();
      expect(await store.modelDefaults.get(WS, "tester")).toEqual({ kind: "tester", model: "acme:one", revision: 1 });
    },
  },
];
