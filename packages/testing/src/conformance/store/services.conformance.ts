import type { SharedService } from "@millrace/contracts";
import type { ChangeSet, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const ACCOUNT = "acc_a";
const OTHER = "acc_b";

function aShared(id: string, over: Partial<SharedService> = {}): SharedService {
  const rest = { title: "Shop", type: null, repository: null, directory: null, createdAt: 1 };
  return { id, accountId: ACCOUNT, homeId: "ws_a", ...rest, ...over };
}

const repository = { forge: "github", id: "acme/shop", base: "main" };
const put = (service: SharedService, dueAt: number | null = null): ChangeSet => [
  { change: "put-service", accountId: service.accountId, service, dueAt },
];
const share = (serviceId: string, workspaceId: string, dueAt: number | null = null, accountId = ACCOUNT): ChangeSet => [
  { change: "share-service", accountId, serviceId, workspaceId, dueAt },
];
const close = (id: string, detach = false): ChangeSet => [{ change: "close-service", accountId: ACCOUNT, id, detach, dueAt: 9 }];
const boards = async (store: Store, id: string): Promise<readonly string[]> =>
  (await store.services.sharesOf(ACCOUNT, id, 9)).map(({ workspaceId }) => workspaceId);

export const serviceCases: readonly StoreCase[] = [
  {
    name: "SVC-01 the services of an account are listed oldest first, with the number of boards that show them",
    async run({ store }) {
      await store.commit(put(aShared("blk_b", { createdAt: 2, repository, directory: "api" })));
      await store.commit(put(aShared("blk_c", { createdAt: 1 })));
      await store.commit(put(aShared("blk_a", { createdAt: 1, title: "Late", type: "api" })));
      await store.commit(put(aShared("blk_x", { accountId: OTHER })));
      await store.commit(share("blk_b", "ws_b"));
      await store.commit(share("blk_b", "ws_c"));
      const all = await store.services.list(ACCOUNT, { limit: 9 });
      expect(all.map(({ id, boards: count }) => [id, count])).toEqual([
        ["blk_a", 0],
        ["blk_c", 0],
        ["blk_b", 2],
      ]);
      expect(all[2]).toEqual({ ...aShared("blk_b", { createdAt: 2, repository, directory: "api" }), boards: 2 });
      expect((await store.services.list(ACCOUNT, { limit: 1, after: "blk_a" })).map(({ id }) => id)).toEqual(["blk_c"]);
      expect((await store.services.list(OTHER, { limit: 9 })).map(({ id }) => id)).toEqual(["blk_x"]);
      expect(await store.services.get(OTHER, "blk_b")).toBeNull();
      expect(await store.services.get(ACCOUNT, "blk_b")).toMatchObject({ isClosing: false, dueAt: null });
      await expectRefusal(store.services.list(ACCOUNT, { limit: 9, after: "blk_x" }), "validation");
    },
  },
  {
    name: "B6 no two services of an account work on one folder of a repository, or on one in the other",
    async run({ store }) {
      await store.commit(put(aShared("blk_a", { repository, directory: "packages/api" })));
      for (const directory of ["packages/api", "Packages/API", "packages", "packages/api/v2", null])
        await expectRefusal(store.commit(put(aShared("blk_b", { repository, directory }))), "already_exists");
      for (const directory of ["packages/api2", "packages/ap", "web"])
        await store.commit(put(aShared(`blk_${directory.replace("/", "-")}`, { repository, directory })));
      await store.commit(put(aShared("blk_forge", { repository: { ...repository, forge: "local-git" }, directory: "packages/api" })));
      await store.commit(put(aShared("blk_other", { accountId: OTHER, repository, directory: "packages/api" })));
      await store.commit(put(aShared("blk_none")));
      await store.commit(put(aShared("blk_a", { repository, directory: "packages/api", title: "Renamed" })));
      expect((await store.services.get(ACCOUNT, "blk_a"))?.title).toBe("Renamed");
    },
  },
  {
    name: "B6 of two services of one folder that are put at once, one is refused",
    async run({ store, connect }) {
      const other = await connect();
      for (const directory of ["one", "two", "three"]) {
        const results = await Promise.allSettled([
          store.commit(put(aShared(`blk_a-${directory}`, { repository, directory }))),
          other.commit(put(aShared(`blk_b-${directory}`, { repository, directory: `${directory}/in` }))),
        ]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "already_exists" } });
      }
    },
  },
  {
    name: "SVC-03 an entry is its account's and its home's: nobody else replaces, shares or closes it",
    async run({ store }) {
      await store.commit(put(aShared("blk_a")));
      await expectRefusal(store.commit(put(aShared("blk_a", { accountId: OTHER }))), "conflict");
      await expectRefusal(store.commit(put(aShared("blk_a", { homeId: "ws_b" }))), "conflict");
      await expectRefusal(store.commit(share("blk_a", "ws_x", null, OTHER)), "not_found");
      await expectRefusal(store.commit([{ change: "close-service", accountId: OTHER, id: "blk_a", detach: true, dueAt: 1 }]), "not_found");
      await expectRefusal(store.commit([{ change: "withdraw-service", accountId: OTHER, id: "blk_a" }]), "not_found");
      await store.commit(share("blk_a", "ws_b"));
      await store.commit([{ change: "unshare-service", accountId: OTHER, serviceId: "blk_a", workspaceId: "ws_b" }]);
      expect(await boards(store, "blk_a")).toEqual(["ws_b"]);
      expect(await store.services.sharesOf(OTHER, "blk_a", 9)).toEqual([]);
    },
  },
  {
    name: "BRD-16 a service that other boards show is not closed, unless they are to lose it; one that closes is shown on no further board",
    async run({ store }) {
      await store.commit(put(aShared("blk_a")));
      await store.commit(share("blk_a", "ws_b"));
      await expectRefusal(store.commit(close("blk_a")), "in_use");
      await store.commit(close("blk_a", true));
      await expectRefusal(store.commit(share("blk_a", "ws_c")), "not_found");
      expect(await store.services.list(ACCOUNT, { limit: 9 })).toEqual([]);
      expect(await store.services.get(ACCOUNT, "blk_a")).toMatchObject({ isClosing: true, dueAt: 9 });
      await store.commit([{ change: "reopen-service", accountId: ACCOUNT, id: "blk_a" }]);
      await store.commit(share("blk_a", "ws_c"));
      expect(await boards(store, "blk_a")).toEqual(["ws_b", "ws_c"]);
      await store.commit(close("blk_a", true));
      await store.commit([{ change: "withdraw-service", accountId: ACCOUNT, id: "blk_a" }]);
      expect([await store.services.get(ACCOUNT, "blk_a"), await boards(store, "blk_a")]).toEqual([null, []]);
      await expectRefusal(store.commit([{ change: "withdraw-service", accountId: ACCOUNT, id: "blk_a" }]), "not_found");
      await expectRefusal(store.commit(close("blk_a")), "not_found");
    },
  },
  {
    name: "BRD-16 of a board that begins to show a service and its closing at once, one is refused",
    async run({ store, connect }) {
      const other = await connect();
      for (const id of ["blk_a", "blk_b", "blk_c"]) {
        await store.commit(put(aShared(id)));
        const results = await Promise.allSettled([store.commit(close(id)), other.commit(share(id, "ws_b"))]);
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      }
    },
  },
  {
    name: "SVC-03 what was begun and not settled is found when its time has come",
    async run({ store }) {
      await store.commit(put(aShared("blk_a"), 20));
      await store.commit(put(aShared("blk_b"), 10));
      await store.commit(put(aShared("blk_c")));
      for (const [id, dueAt] of [
        ["blk_a", 30],
        ["blk_b", null],
        ["blk_c", 20],
      ] as const)
        await store.commit(share(id, "ws_b", dueAt));
      expect(await store.services.due(9, 9)).toEqual([]);
      expect((await store.services.due(20, 9)).map(({ id }) => id)).toEqual(["blk_b", "blk_a"]);
      expect((await store.services.due(20, 1)).map(({ id }) => id)).toEqual(["blk_b"]);
      expect(await store.services.dueShares(30, 9)).toEqual([
        { accountId: ACCOUNT, serviceId: "blk_c", workspaceId: "ws_b", dueAt: 20 },
        { accountId: ACCOUNT, serviceId: "blk_a", workspaceId: "ws_b", dueAt: 30 },
      ]);
      await store.commit([{ change: "settle-share", accountId: ACCOUNT, serviceId: "blk_c", workspaceId: "ws_b", dueAt: null }]);
      expect((await store.services.dueShares(30, 9)).map(({ serviceId }) => serviceId)).toEqual(["blk_a"]);
      await store.commit([{ change: "settle-share", accountId: ACCOUNT, serviceId: "blk_none", workspaceId: "ws_b", dueAt: null }]);
      expect((await store.services.sharesOfHome(ACCOUNT, "ws_a", 2)).map(({ serviceId }) => serviceId)).toEqual(["blk_a", "blk_b"]);
      expect(await store.services.sharesOfHome(ACCOUNT, "ws_b", 2)).toEqual([]);
      expect((await store.services.ofHome(ACCOUNT, "ws_a", null, 2)).map(({ id }) => id)).toEqual(["blk_a", "blk_b"]);
      expect((await store.services.ofHome(ACCOUNT, "ws_a", "blk_b", 2)).map(({ id }) => id)).toEqual(["blk_c"]);
      expect(await store.services.ofHome(OTHER, "ws_a", null, 2)).toEqual([]);
      expect((await store.services.sharesOn(ACCOUNT, "ws_b", 2)).map(({ serviceId }) => serviceId)).toEqual(["blk_a", "blk_b"]);
      expect(await store.services.sharesOn(OTHER, "ws_b", 2)).toEqual([]);
    },
  },
];
