import { workspaceSettingsSchema } from "@millrace/contracts";
import type { Block } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { SERVICE, TASK, WS, aBlock, aService, aRecord, aWorkspace, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const settings = workspaceSettingsSchema.parse({
  budget: { monthlyMicros: null, runMicros: 5 },
  taskLimit: { mode: "per-type", max: { bug: 2 } },
  models: { coder: "acme:large" },
  escalationMinutes: 7,
});

const insert = (block: Block): Change => ({ change: "insert-block", block });
const move = (id: string, parentId: string, workspaceId = WS): Change => ({ change: "move-block", workspaceId, id, parentId });

/** A module under the service. */
function aModule(id: string, over: Partial<Block> = {}): Block {
  return aBlock({ id, level: "module", title: "Health", ...over });
}

export const placementCases: readonly StoreCase[] = [
  {
    name: "a workspace's settings are replaced whole, and nothing else of it or of another",
    async run({ store }) {
      await store.commit([...boardOf(WS), { change: "insert-workspace", workspace: aWorkspace("ws_b", { settings }) }]);
      await store.commit([{ change: "put-settings", workspaceId: WS, settings }]);
      expect(await store.workspaces.get(WS)).toEqual(aWorkspace(WS, { settings }));
      const defaults = workspaceSettingsSchema.parse({});
      await store.commit([{ change: "put-settings", workspaceId: WS, settings: defaults }]);
      expect(await store.workspaces.list({ limit: 9 })).toEqual([aWorkspace(WS), aWorkspace("ws_b", { settings })]);
      await expectRefusal(store.commit([{ change: "put-settings", workspaceId: "ws_x", settings }]), "not_found");
      expect(await store.workspaces.get("ws_x")).toBeNull();
    },
  },
  {
    name: "a service keeps how its service is tested",
    async run({ store }) {
      const service = aService({ id: "svc_b", testing: { composePath: "deploy/compose.yaml", noInfrastructure: false } });
      await store.commit([...boardOf(WS), insert(service)]);
      expect(await store.blocks.get(WS, "svc_b")).toEqual(service);
    },
  },
  {
    name: "a block is moved under another parent, and keeps everything else",
    async run({ store }) {
      await store.commit([...boardOf(WS), insert(aModule("mod_a"))]);
      await store.commit([move(TASK, "mod_a")]);
      expect(await store.blocks.children(WS, "mod_a", { limit: 9 })).toEqual([aBlock({ parentId: "mod_a" })]);
      expect((await store.blocks.children(WS, SERVICE, { limit: 9 })).map(({ id }) => id)).toEqual(["mod_a"]);
      await store.commit([move(TASK, "mod_b"), insert(aModule("mod_b"))]);
      expect((await store.blocks.get(WS, TASK))?.parentId).toBe("mod_b");
    },
  },
  {
    name: "a block is given back by its last run, when that has ended and nothing has merged; again is nothing",
    async run({ store }) {
      const task = aBlock({ id: "tsk_r", runId: "run_r", status: "blocked", progress: 0.5 });
      const release = (runId: string, workspaceId = WS): Change => ({ change: "release-block", workspaceId, id: "tsk_r", runId });
      const live = aRecord("run_r", { blockId: "tsk_r" });
      await store.commit([...boardOf(WS), ...boardOf("ws_b"), insert(task), { change: "insert-run", record: live }]);
      for (const refused of [release("run_r"), release("run_x"), release("run_r", "ws_b")])
        await expectRefusal(store.commit([refused]), "stale_revision");
      await store.commit([{ change: "update-run", record: { ...live, status: "cancelled", revision: 2 }, expected: 1 }]);
      await expectRefusal(store.commit([release("run_x")]), "stale_revision");
      await store.commit([release("run_r")]);
      const given = { ...task, runId: null, status: "planned", progress: 0 };
      expect(await store.blocks.get(WS, "tsk_r")).toEqual(given);
      await store.commit([release("run_r")]);
      expect(await store.blocks.get(WS, "tsk_r")).toEqual(given);
    },
  },
  {
    name: "a block that has merged is not given back",
    async run({ store }) {
      const pullRequest = { id: "p", number: 1, url: "https://forge.invalid/1", branch: "b", base: "main" };
      const sha = "a".repeat(40);
      const merged = { pullRequest, commit: sha, head: sha, base: sha, at: 5, runId: "run_r" };
      const task = aBlock({ id: "tsk_r", runId: "run_r", status: "done", progress: 1, merged });
      await store.commit([
        ...boardOf(WS),
        insert(task),
        { change: "insert-run", record: aRecord("run_r", { blockId: "tsk_r", status: "done" }) },
      ]);
      await expectRefusal(store.commit([{ change: "release-block", workspaceId: WS, id: "tsk_r", runId: "run_r" }]), "stale_revision");
      expect(await store.blocks.get(WS, "tsk_r")).toEqual(task);
    },
  },
  {
    name: "a block is not moved when it or its new parent is missing or of another workspace",
    async run({ store }) {
      await store.commit([...boardOf(WS), ...boardOf("ws_b"), insert(aModule("mod_b", { workspaceId: "ws_b" }))]);
      for (const refused of [move("tsk_x", SERVICE), move(TASK, "mod_x"), move(TASK, "mod_b"), move("mod_b", SERVICE)]) {
        await expectRefusal(store.commit([refused]), "not_found");
      }
      expect(await store.blocks.get(WS, TASK)).toEqual(aBlock());
      expect((await store.blocks.get("ws_b", "mod_b"))?.parentId).toBe(SERVICE);
    },
  },
  {
    name: "a module is found by exactly its title under its parent, the oldest of several",
    async run({ store }) {
      const modules = [
        aModule("mod_c", { createdAt: 5 }),
        aModule("mod_b", { createdAt: 4 }),
        aModule("mod_a", { createdAt: 4 }),
        aModule("mod_old", { createdAt: 1, parentId: "mod_a" }),
        aModule("mod_case", { createdAt: 1, title: "health" }),
      ];
      await store.commit([...boardOf(WS), insert(aBlock({ id: "tsk_h", title: "Health", createdAt: 1 })), ...modules.map(insert)]);
      await store.commit(boardOf("ws_b"));
      expect((await store.blocks.moduleByTitle(WS, SERVICE, "Health"))?.id).toBe("mod_a");
      expect(await store.blocks.moduleByTitle(WS, "mod_a", "Health")).toEqual(modules[3]);
      expect((await store.blocks.moduleByTitle(WS, SERVICE, "health"))?.id).toBe("mod_case");
      expect(await store.blocks.moduleByTitle(WS, SERVICE, "Healt")).toBeNull();
      expect(await store.blocks.moduleByTitle("ws_b", SERVICE, "Health")).toBeNull();
    },
  },
];
