import type { FragmentOwner, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aFragment, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const WORKSPACE: FragmentOwner = { of: "workspace", id: WS };
const ACCOUNT: FragmentOwner = { of: "account", id: "acc_a" };

const insert = (store: Store, owner: FragmentOwner, id: string, max = 9) =>
  store.commit([{ change: "insert-fragment", owner, fragment: aFragment(id), max }]);

export const fragmentCases: readonly StoreCase[] = [
  {
    name: "FRG-03 fragments are kept by owner and id, up to a limit; one of another owner reads as missing",
    async run({ store }) {
      await store.commit(boardOf(WS));
      for (const id of ["tests", "style"]) await insert(store, WORKSPACE, id);
      await insert(store, ACCOUNT, "tests");
      await insert(store, { of: "account", id: WS }, "same-id");
      await expectRefusal(insert(store, WORKSPACE, "tests"), "already_exists");
      await expectRefusal(insert(store, WORKSPACE, "more", 2), "limit_reached");
      await expectRefusal(insert(store, { of: "workspace", id: "ws_x" }, "tests"), "not_found");
      expect((await store.fragments.list(WORKSPACE, { limit: 1 })).map(({ id }) => id)).toEqual(["style"]);
      expect((await store.fragments.list(WORKSPACE, { limit: 9, after: "style" })).map(({ id }) => id)).toEqual(["tests"]);
      expect(await store.fragments.get(ACCOUNT, "tests")).toEqual({ ...aFragment("tests"), version: 1 });
      expect(await store.fragments.get(ACCOUNT, "style")).toBeNull();
      expect((await store.fragments.some(WORKSPACE, ["tests", "more"])).fragments.map(({ id }) => id)).toEqual(["tests"]);
      expect(await store.fragments.some(WORKSPACE, [])).toEqual({ fragments: [], hidden: [] });
    },
  },
  {
    name: "FRG-04 a change of a fragment counts its version up, and one that was decided on an older one is refused",
    async run({ store }) {
      await insert(store, ACCOUNT, "tests");
      const update = (body: string, expected: number | null, id = "tests") =>
        store.commit([{ change: "update-fragment", owner: ACCOUNT, fragment: aFragment(id, { body }), expected }]);
      await update("Two", 1);
      await expectRefusal(update("Late", 1), "stale_revision");
      await update("Three", null);
      await expectRefusal(update("None", null, "style"), "not_found");
      expect(await store.fragments.get(ACCOUNT, "tests")).toMatchObject({ body: "Three", version: 3 });
      const remove = (expected: number | null) => store.commit([{ change: "delete-fragment", owner: ACCOUNT, id: "tests", expected }]);
      await expectRefusal(remove(1), "stale_revision");
      await remove(3);
      await remove(null);
      expect(await store.fragments.get(ACCOUNT, "tests")).toBeNull();
    },
  },
  {
    name: "FRG-05 what is hidden is said beside the fragments of an owner, once",
    async run({ store }) {
      await store.commit(boardOf(WS));
      const hide = (id: string, hidden: boolean) => store.commit([{ change: "hide-fragment", owner: WORKSPACE, id, hidden }]);
      for (const id of ["tests", "tests", "style"]) await hide(id, true);
      expect(await store.fragments.hidden(WORKSPACE)).toEqual(["style", "tests"]);
      expect(await store.fragments.some(WORKSPACE, ["tests"])).toEqual({ fragments: [], hidden: ["tests"] });
      await hide("tests", false);
      await hide("tests", false);
      expect(await store.fragments.hidden(WORKSPACE)).toEqual(["style"]);
      expect(await store.fragments.hidden(ACCOUNT)).toEqual([]);
    },
  },
];
