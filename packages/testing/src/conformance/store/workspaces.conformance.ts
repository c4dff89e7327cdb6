import { workspaceSettingsSchema } from "@millrace/contracts";
import { expect } from "vitest";
import { WS, aWorkspace, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const settings = workspaceSettingsSchema.parse({
  budget: { monthlyMicros: null, runMicros: 5 },
  taskLimit: { mode: "per-type", max: { bug: 2 } },
  models: { coder: "acme:large" },
  escalationMinutes: 7,
});

export const workspaceCases: readonly StoreCase[] = [
  {
    name: "a workspace is read back and listed oldest first",
    async run({ store }) {
      const workspaces = [3, 1, 2].map((createdAt) => aWorkspace(`ws_${createdAt}`, { name: `Board ${createdAt}`, createdAt }));
      for (const workspace of workspaces) await store.commit([{ change: "insert-workspace", workspace }]);
      expect(await store.workspaces.get("ws_3")).toEqual(workspaces[0]);
      expect(await store.workspaces.get("ws_9")).toBeNull();
      expect((await store.workspaces.list({ limit: 2 })).map(({ id }) => id)).toEqual(["ws_1", "ws_2"]);
      expect((await store.workspaces.list({ limit: 2, after: "ws_2" })).map(({ id }) => id)).toEqual(["ws_3"]);
    },
  },
  {
    name: "a workspace's settings are replaced whole, and nothing else of it or of another",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await store.commit([{ change: "insert-workspace", workspace: aWorkspace("ws_b", { settings }) }]);
      await store.commit([{ change: "put-settings", workspaceId: WS, settings }]);
      expect(await store.workspaces.get(WS)).toEqual(aWorkspace(WS, { settings }));
      const defaults = workspaceSettingsSchema.parse({});
      await store.commit([{ change: "put-settings", workspaceId: WS, settings: defaults }]);
      expect(await store.workspaces.list({ limit: 9 })).toEqual([aWorkspace(WS), aWorkspace("ws_b", { settings })]);
      await expectRefusal(store.commit([{ change: "put-settings", workspaceId: "ws_x", settings }]), "not_found");
      expect(await store.workspaces.get("ws_x")).toBeNull();
    },
  },
];
