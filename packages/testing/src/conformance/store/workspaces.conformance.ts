import { workspaceSettingsSchema } from "@millrace/contracts";
import type { WorkspacePatch } from "@millrace/kernel";
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
      await store.commit([{ change: "put-settings", workspaceId: WS, settings, expected: null }]);
      expect(await store.workspaces.get(WS)).toEqual(aWorkspace(WS, { settings, settingsRevision: 2 }));
      const defaults = workspaceSettingsSchema.parse({});
      await store.commit([{ change: "put-settings", workspaceId: WS, settings: defaults, expected: 2 }]);
      expect(await store.workspaces.list({ limit: 9 })).toEqual([
        aWorkspace(WS, { settingsRevision: 3 }),
        aWorkspace("ws_b", { settings }),
      ]);
      await expectRefusal(store.commit([{ change: "put-settings", workspaceId: "ws_x", settings, expected: null }]), "not_found");
      expect(await store.workspaces.get("ws_x")).toBeNull();
    },
  },
  {
    name: "WSP-04 a workspace changes in what is given, unless its revision is another than the expected one",
    async run({ store }) {
      await store.commit(boardOf(WS));
      const patch = (given: WorkspacePatch, expected: number | null, workspaceId = WS) =>
        store.commit([{ change: "patch-workspace", workspaceId, patch: given, expected }]);
      await patch({ name: "Renamed", description: "What it is for" }, 1);
      await expectRefusal(patch({ name: "Late" }, 1), "stale_revision");
      expect(await store.workspaces.get(WS)).toEqual(aWorkspace(WS, { name: "Renamed", description: "What it is for", revision: 2 }));
      await patch({ description: null, deletingAt: 7 }, null);
      expect(await store.workspaces.get(WS)).toEqual(aWorkspace(WS, { name: "Renamed", deletingAt: 7, revision: 3 }));
      await expectRefusal(patch({ name: "Nobody's" }, null, "ws_x"), "not_found");
    },
  },
  {
    name: "SET-02 settings are not replaced when theirs is another revision than the expected one",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await store.commit([{ change: "put-settings", workspaceId: WS, settings, expected: 1 }]);
      const again = store.commit([{ change: "put-settings", workspaceId: WS, settings: workspaceSettingsSchema.parse({}), expected: 1 }]);
      await expectRefusal(again, "stale_revision");
      expect(await store.workspaces.get(WS)).toEqual(aWorkspace(WS, { settings, settingsRevision: 2 }));
    },
  },
  {
    name: "WSP-02 an account has at most as many workspaces as are allowed, however many are made at once",
    async run({ store }) {
      const insert = (id: string, accountId: string | null = "acc_a") =>
        store.commit([{ change: "insert-workspace", workspace: aWorkspace(id, { accountId }), maxOfAccount: 2 }]);
      const made = await Promise.allSettled(["ws_1", "ws_2", "ws_3", "ws_4"].map((id) => insert(id)));
      expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
      await expectRefusal(insert("ws_5"), "limit_reached");
      await insert("ws_6", "acc_b");
      for (const id of ["ws_7", "ws_8", "ws_9"]) await insert(id, null);
    },
  },
];
