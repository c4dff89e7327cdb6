import { workspaceSettingsSchema } from "@millrace/contracts";
import { LOG_START, type Change, type Page, type WorkspacePatch } from "@millrace/kernel";
import { expect } from "vitest";
import {
  SERVICE,
  WS,
  aBlock,
  aBoardEvent,
  aNotification,
  aPipeline,
  aFragment,
  aPreset,
  aRecord,
  aReview,
  aRunEvent,
  aSpend,
  aWorkspace,
  anActivation,
  anItem,
  boardOf,
  everything,
  expectRefusal,
  seedRun,
} from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const settings = workspaceSettingsSchema.parse({
  budget: { monthlyMicros: null, runMicros: 5 },
  taskLimit: { mode: "per-type", perType: { bug: 2 } },
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
      const by = { type: "human", id: "ada" } as const;
      await patch({ description: null, deletion: { at: 7, by } }, null);
      expect(await store.workspaces.get(WS)).toEqual(aWorkspace(WS, { name: "Renamed", deletingAt: 7, deletingBy: by, revision: 3 }));
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
  {
    name: "WSP-01 the workspaces of some accounts are listed newest first, by a part of their name, page by page",
    async run({ store }) {
      const made = [
        aWorkspace("ws_1", { accountId: "acc_a", createdAt: 1, name: "Shop" }),
        aWorkspace("ws_2", { accountId: "acc_b", createdAt: 2, name: "Bookshop" }),
        aWorkspace("ws_3", { accountId: "acc_c", createdAt: 3, name: "Not theirs: shop" }),
        aWorkspace("ws_4", { accountId: "acc_a", createdAt: 2, name: "100% sh_p" }),
        aWorkspace("ws_5", { createdAt: 5, name: "Without account" }),
      ];
      for (const workspace of made) await store.commit([{ change: "insert-workspace", workspace }]);
      const list = async (accounts: readonly (string | null)[], text?: string, page: Page = { limit: 9 }) =>
        (await store.workspaces.ofAccounts(accounts, text, page)).map(({ id }) => id);
      expect(await list(["acc_a", "acc_b"])).toEqual(["ws_4", "ws_2", "ws_1"]);
      expect(await list(["acc_a", "acc_b"], undefined, { limit: 1 })).toEqual(["ws_4"]);
      expect(await list(["acc_a", "acc_b"], undefined, { limit: 1, after: "2.ws_4" })).toEqual(["ws_2"]);
      expect(await list(["acc_a", "acc_b"], undefined, { limit: 9, after: "2.ws_3" })).toEqual(["ws_2", "ws_1"]);
      expect(await list(["acc_a", "acc_b"], "SHOP")).toEqual(["ws_2", "ws_1"]);
      expect(await list(["acc_a"], "_")).toEqual(["ws_4"]);
      expect(await list(["acc_a"], "0%")).toEqual(["ws_4"]);
      expect(await list([null])).toEqual(["ws_5"]);
      expect(await list([])).toEqual([]);
      await expectRefusal(list(["acc_a"], undefined, { limit: 1, after: "ws_4" }), "validation");
    },
  },
  {
    name: "WSP-08 a workspace is erased row by row, whatever it has, and removed last; another keeps what it has",
    async run({ store }) {
      await store.commit(everyKindOfRow(WS));
      const other = everyKindOfRow("ws_b");
      await store.commit(other);
      const before = await everything(store, "ws_b");
      const deletion = { at: 7, by: { type: "human", id: "ada" } } as const;
      await store.commit([{ change: "patch-workspace", workspaceId: WS, patch: { deletion }, expected: null }]);
      expect((await store.workspaces.deleting(9)).map(({ id }) => id)).toEqual([WS]);
      const remove = () => store.commit([{ change: "remove-workspace", workspaceId: WS }]);
      await expectRefusal(remove(), "conflict");
      let commits = 0;
      for (; !(await store.workspaces.isEmpty(WS)); commits += 1) {
        expect(commits).toBeLessThan(20);
        await store.commit([{ change: "erase-workspace", workspaceId: WS, limit: 1 }]);
      }
      expect(commits).toBeGreaterThan(2);
      await remove();
      await remove();
      expect(await store.workspaces.get(WS)).toBeNull();
      expect(await store.workspaces.deleting(9)).toEqual([]);
      expect(await everything(store, "ws_b")).toEqual({ ...Object(before), workspaces: [expect.objectContaining({ id: "ws_b" })] });
      await store.commit(boardOf(WS));
      expect(await store.runs.list(WS, {}, { limit: 9 })).toEqual([]);
      expect(await store.events.read(WS, LOG_START, 9)).toEqual([]);
    },
  },
  {
    name: "WSP-09 a workspace with a live run is not moved, nor one into an account that is full",
    async run({ store }) {
      await seedRun(store);
      const move = (accountId: string, maxOfAccount = 1) =>
        store.commit([{ change: "patch-workspace", workspaceId: WS, patch: { accountId }, expected: null, isIdle: true, maxOfAccount }]);
      await expectRefusal(move("acc_a"), "run_in_progress");
      await store.commit([{ change: "update-run", record: aRecord("run_a", { status: "done", revision: 2 }), expected: 1 }]);
      await store.commit([{ change: "insert-workspace", workspace: aWorkspace("ws_b", { accountId: "acc_b" }) }]);
      await expectRefusal(move("acc_b"), "limit_reached");
      await move("acc_a");
      expect(await store.workspaces.get(WS)).toMatchObject({ accountId: "acc_a", revision: 2 });
    },
  },
];

/** A workspace with rows of many kinds, so that some point at others. */
function everyKindOfRow(workspaceId: string): readonly Change[] {
  const run = { workspaceId, runId: "run_a" };
  return [
    ...boardOf(workspaceId),
    { change: "insert-block", block: aBlock({ workspaceId, id: "mod_a", level: "module", parentId: SERVICE }) },
    { change: "insert-block", block: aBlock({ workspaceId, id: "tsk_b", parentId: "mod_a" }) },
    { change: "insert-preset", preset: aPreset({ workspaceId }), createdAt: 1 },
    { change: "insert-pipeline", workspaceId, pipeline: aPipeline(), max: 9 },
    { change: "organize-pipeline", workspaceId, pipelineId: "pip_a", archived: true, expected: null },
    { change: "put-model-default", workspaceId, kind: "coder", model: "acme:one", expected: null },
    { change: "put-fragment-defaults", workspaceId, ids: ["tests"], expected: null },
    { change: "insert-fragment", owner: { of: "workspace", id: workspaceId }, fragment: aFragment("tests"), max: 9 },
    { change: "hide-fragment", owner: { of: "workspace", id: workspaceId }, id: "style", hidden: true },
    { change: "insert-run", record: aRecord("run_a", { workspaceId, status: "done" }) },
    { change: "insert-run", record: aRecord("run_b", { workspaceId, blockId: "tsk_b", status: "done" }) },
    { change: "append-run-events", ...run, firstSequence: 1, events: [aRunEvent(0), aRunEvent(1)] },
    { change: "append-board-event", workspaceId, event: aBoardEvent("Board") },
    { change: "put-output", ...run, key: "one", text: "text" },
    { change: "raise-notification", notification: { ...aNotification("ntf_1"), workspaceId }, event: aBoardEvent("Board") },
    { change: "insert-review", review: { ...aReview("rev_a"), workspaceId }, items: [{ ...anItem("one"), workspaceId }] },
    { change: "put-activation", activation: anActivation({ workspaceId }) },
    { change: "record-usage", usage: { ...aSpend("use_1"), workspaceId }, scopes: ["month"] },
    { change: "join-landing-queue", ...run, lane: "lane" },
    { change: "wake", ...run, at: 7 },
    {
      change: "remember-request",
      request: {
        scope: { of: "workspace", id: workspaceId },
        caller: "human ada",
        operation: "runs.start",
        key: "one",
        digest: "d",
        answer: "null",
        at: 1,
      },
      forgetBefore: 0,
    },
  ];
}
