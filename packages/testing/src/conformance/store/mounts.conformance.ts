import type { Mount } from "@millrace/contracts";
import type { Change, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { aBlock, aRecord, aService, aWorkspace, expectRefusal, SERVICE, TASK, WS } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const ACCOUNT = "acc_a";
const BOARD = "ws_b";
const board = { workspaceId: BOARD, accountId: ACCOUNT };

function aMount(over: Partial<Mount> = {}): Mount {
  return { workspaceId: BOARD, serviceId: SERVICE, homeId: WS, position: { x: 1, y: 2.5 }, size: null, revision: 1, createdAt: 5, ...over };
}

const insert = (mount: Mount): Change => ({ change: "insert-mount", mount });

/** Two boards of an account; the first has a service with a module, a task in each, and a run. */
async function seed(store: Store): Promise<void> {
  await store.commit([
    { change: "insert-workspace", workspace: aWorkspace(WS, { accountId: ACCOUNT }) },
    { change: "insert-block", block: aService() },
    { change: "insert-block", block: aBlock() },
    { change: "insert-block", block: aBlock({ id: "mod_a", level: "module" }) },
    { change: "insert-block", block: aBlock({ id: "tsk_in", parentId: "mod_a" }) },
    { change: "insert-block", block: aService({ id: "svc_other" }) },
    { change: "insert-block", block: aBlock({ id: "tsk_other", parentId: "svc_other" }) },
    { change: "insert-run", record: aRecord("run_a", { serviceId: SERVICE }) },
    { change: "insert-run", record: aRecord("run_other", { serviceId: "svc_other", blockId: "tsk_other" }) },
  ]);
  await store.commit([{ change: "insert-workspace", workspace: aWorkspace(BOARD, { accountId: ACCOUNT }) }]);
}

const HERE = { homeId: WS, serviceId: SERVICE };

export const mountCases: readonly StoreCase[] = [
  {
    name: "SVC-06 what belongs to a mounted service is found in its home, at any depth, and nothing else of that home",
    async run({ store }) {
      await seed(store);
      expect(await store.mounts.homeOfBlock(board, TASK)).toBeNull();
      await store.commit([insert(aMount())]);
      for (const id of [SERVICE, TASK, "mod_a", "tsk_in"]) expect([id, await store.mounts.homeOfBlock(board, id)]).toEqual([id, HERE]);
      for (const id of ["svc_other", "tsk_other", "tsk_none"]) expect([id, await store.mounts.homeOfBlock(board, id)]).toEqual([id, null]);
      expect(await store.mounts.homeOfRun(board, "run_a")).toEqual(HERE);
      expect(await store.mounts.homeOfRun(board, "run_other")).toBeNull();
      await store.commit([insert(aMount({ serviceId: "svc_other" }))]);
      expect(await store.mounts.homeOfBlock(board, "tsk_in")).toEqual(HERE);
      expect(await store.mounts.homeOfBlock(board, "tsk_other")).toEqual({ homeId: WS, serviceId: "svc_other" });
    },
  },
  {
    name: "T1 a mount shows nothing to another account, nothing of a home of another account, of one that is being deleted, or of a removed service",
    async run({ store }) {
      await seed(store);
      await store.commit([insert(aMount())]);
      const found = async (of = board) => [
        await store.mounts.homeOfBlock(of, TASK),
        await store.mounts.homeOfRun(of, "run_a"),
        (await store.mounts.list(of, { limit: 9 })).length,
      ];
      expect(await found()).toEqual([HERE, HERE, 1]);
      expect(await found({ ...board, accountId: "acc_b" })).toEqual([null, null, 0]);
      expect(await found({ ...board, workspaceId: "ws_c" })).toEqual([null, null, 0]);
      await store.commit([{ change: "patch-block", workspaceId: WS, id: SERVICE, patch: { removedAt: 9 } }]);
      expect(await found()).toEqual([null, null, 0]);
      await store.commit([{ change: "insert-workspace", workspace: aWorkspace("ws_d", { accountId: ACCOUNT, deletingAt: 3 }) }]);
      await store.commit([{ change: "insert-block", block: aService({ workspaceId: "ws_d", id: "svc_d" }) }]);
      await store.commit([insert(aMount({ serviceId: "svc_d", homeId: "ws_d" }))]);
      expect(await store.mounts.homeOfBlock(board, "svc_d")).toBeNull();
    },
  },
  {
    name: "SVC-02 the services that a board shows are listed oldest first, with their titles",
    async run({ store }) {
      await seed(store);
      await store.commit([insert(aMount({ serviceId: "svc_other", createdAt: 6 })), insert(aMount({ size: { w: 10, h: 20 } }))]);
      const shown = { ...aMount({ size: { w: 10, h: 20 } }), title: "Service", type: null };
      const [first] = await store.mounts.list(board, { limit: 1 });
      expect(first).toEqual(shown);
      expect((await store.mounts.list(board, { limit: 9, after: SERVICE })).map(({ serviceId }) => serviceId)).toEqual(["svc_other"]);
      expect(await store.mounts.get(BOARD, "svc_other")).toEqual(aMount({ serviceId: "svc_other", createdAt: 6 }));
      expect(await store.mounts.get(WS, SERVICE)).toBeNull();
      await expectRefusal(store.mounts.list(board, { limit: 9, after: "svc_none" }), "validation");
    },
  },
  {
    name: "SVC-03 a board shows a service once, and 200 at most",
    async run({ store, connect }) {
      await seed(store);
      await store.commit([insert(aMount())]);
      await expectRefusal(store.commit([insert(aMount({ position: { x: 9, y: 9 } }))]), "already_exists");
      expect((await store.mounts.get(BOARD, SERVICE))?.position).toEqual({ x: 1, y: 2.5 });
      await expectRefusal(store.commit([insert(aMount({ workspaceId: "ws_none" }))]), "not_found");
      await store.commit(Array.from({ length: 198 }, (_, index) => insert(aMount({ serviceId: `svc_${index}` }))));
      const other = await connect();
      const results = await Promise.allSettled([
        store.commit([insert(aMount({ serviceId: "svc_x" }))]),
        other.commit([insert(aMount({ serviceId: "svc_y" }))]),
      ]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "limit_reached" } });
    },
  },
  {
    name: "SVC-05 a layout is changed at the revision that was read, member by member",
    async run({ store }) {
      await seed(store);
      await store.commit([insert(aMount())]);
      const place = (over: Pick<Partial<Mount>, "position" | "size">, expected: number | null, serviceId = SERVICE): Change => ({
        change: "place-mount",
        workspaceId: BOARD,
        serviceId,
        ...over,
        expected,
      });
      await store.commit([place({ position: { x: 0, y: 0 } }, 1)]);
      await store.commit([place({ size: { w: 3, h: 4 } }, null)]);
      expect(await store.mounts.get(BOARD, SERVICE)).toEqual(aMount({ position: { x: 0, y: 0 }, size: { w: 3, h: 4 }, revision: 3 }));
      await expectRefusal(store.commit([place({ size: null }, 2)]), "stale_revision");
      await store.commit([place({ size: null }, 3)]);
      expect(await store.mounts.get(BOARD, SERVICE)).toEqual(aMount({ position: { x: 0, y: 0 }, revision: 4 }));
      await expectRefusal(store.commit([place({ size: null }, null, "svc_none")]), "not_found");
    },
  },
  {
    name: "SVC-04 a mount is removed, and its service stays",
    async run({ store }) {
      await seed(store);
      await store.commit([insert(aMount())]);
      const remove: Change = { change: "remove-mount", workspaceId: BOARD, serviceId: SERVICE };
      await store.commit([remove]);
      expect(await store.mounts.get(BOARD, SERVICE)).toBeNull();
      expect(await store.mounts.homeOfBlock(board, TASK)).toBeNull();
      expect(await store.blocks.get(WS, SERVICE)).not.toBeNull();
      await expectRefusal(store.commit([remove]), "not_found");
    },
  },
];
