import type { Account, Membership, Role } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { expectRefusal } from "./fixtures.js";
import { aUser } from "./people-fixtures.js";
import type { StoreCase } from "./store-case.js";

export const anAccount = (id: string, over: Partial<Account> = {}): Account => ({
  id,
  kind: "organization",
  name: `Name of ${id}`,
  githubLogin: null,
  timeZone: "UTC",
  defaultCloudProvider: null,
  createdAt: 1,
  deletingAt: null,
  revision: 1,
  ...over,
});

const aMember = (accountId: string, userId: string, roles: Role[] = ["developer"], over: Partial<Membership> = {}): Membership => ({
  accountId,
  userId,
  roles,
  since: 1,
  revision: 1,
  ...over,
});

const insert = (account: Account): Change<"insert-account"> => ({ change: "insert-account", account });
const add = (membership: Membership): Change<"insert-membership"> => ({ change: "insert-membership", membership });
const put = (userId: string, roles: Role[], expected = 1, accountId = "acc_a"): Change<"put-roles"> => ({
  change: "put-roles",
  accountId,
  userId,
  roles,
  expected,
});
const remove = (userId: string, expected = 1): Change<"remove-membership"> => ({
  change: "remove-membership",
  accountId: "acc_a",
  userId,
  expected,
});

export const accountCases: readonly StoreCase[] = [
  {
    name: "ACC-04 an account is changed one revision at a time, and found by its id",
    async run({ store }) {
      const account = anAccount("acc_a");
      await store.commit([insert(account)]);
      expect(await store.accounts.get("acc_a")).toEqual(account);
      expect(await store.accounts.get("acc_b")).toBeNull();
      const changed = { ...account, name: "Renamed", githubLogin: "renamed", revision: 2 };
      await store.commit([{ change: "update-account", account: changed }]);
      expect(await store.accounts.get("acc_a")).toEqual(changed);
      for (const revision of [2, 4]) {
        const stale = { ...changed, name: "Late", revision };
        await expectRefusal(store.commit([{ change: "update-account", account: stale }]), "stale_revision");
      }
      await expectRefusal(
        store.commit([{ change: "update-account", account: { ...changed, id: "acc_b", revision: 3 } }]),
        "stale_revision",
      );
      await expectRefusal(store.commit([insert(account)]), "conflict");
      expect(await store.accounts.get("acc_a")).toEqual(changed);
    },
  },
  {
    name: "ACC-01 a person has the personal account first, then the others by name, a page at a time, also after one was renamed",
    async run({ store }) {
      await store.commit([insert(anAccount("acc_p", { kind: "personal", name: "Zoe" })), add(aMember("acc_p", "usr_1", ["owner"]))]);
      for (const [id, name] of [
        ["acc_c", "beta"],
        ["acc_b", "Alpha"],
        ["acc_d", "Gamma"],
      ] as const)
        await store.commit([insert(anAccount(id, { name })), add(aMember(id, "usr_1", ["admin"])), add(aMember(id, "usr_2"))]);
      const listed = async (limit: number, after?: string) =>
        (await store.memberships.accountsOf("usr_1", { limit, after })).map(({ account, membership }) => [
          account.name,
          ...membership.roles,
        ]);
      expect(await listed(9)).toEqual([
        ["Zoe", "owner"],
        ["Alpha", "admin"],
        ["beta", "admin"],
        ["Gamma", "admin"],
      ]);
      const renamed = anAccount("acc_d", { name: "Aardvark", revision: 2 });
      await store.commit([{ change: "update-account", account: renamed }]);
      expect(await listed(2)).toEqual([
        ["Zoe", "owner"],
        ["Aardvark", "admin"],
      ]);
      expect(await listed(2, "acc_d")).toEqual([
        ["Alpha", "admin"],
        ["beta", "admin"],
      ]);
      expect(await store.memberships.accountsOf("usr_3", { limit: 1 })).toEqual([]);
      await expectRefusal(store.memberships.accountsOf("usr_1", { limit: 1, after: "acc_x" }), "validation");
    },
  },
  {
    name: "ACC-03 a person owns as many organisations as it may, also when two are founded at the same time",
    async run({ store, connect }) {
      const other = await connect();
      const found = (by: typeof store, id: string, ownerId = "usr_1") =>
        by.commit([
          { change: "insert-account", account: anAccount(id), limit: { ownerId, maxOwned: 2 } },
          add(aMember(id, ownerId, ["owner"])),
        ]);
      await store.commit([insert(anAccount("acc_p", { kind: "personal" })), add(aMember("acc_p", "usr_1", ["owner"]))]);
      await store.commit([insert(anAccount("acc_m")), add(aMember("acc_m", "usr_1", ["admin"]))]);
      await found(store, "acc_1");
      const both = await Promise.allSettled([found(store, "acc_2"), found(other, "acc_3")]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      await expectRefusal(found(store, "acc_4"), "limit_reached");
      expect(await store.accounts.get("acc_4")).toBeNull();
      await found(store, "acc_5", "usr_2");
    },
  },
  {
    name: "ACC-05 members come whole, longest there first, a page at a time, and are counted",
    async run({ store }) {
      const members = [
        aMember("acc_a", "usr_2"),
        aMember("acc_a", "usr_1", ["owner"], { since: 2 }),
        aMember("acc_a", "usr_3", ["product"], { since: 2 }),
      ];
      await store.commit([insert(anAccount("acc_a")), ...members.toReversed().map(add)]);
      await store.commit([insert(anAccount("acc_b")), add(aMember("acc_b", "usr_1", ["viewer"]))]);
      const ann = { ...aUser("usr_1"), name: "Ann", email: "ann@example.org", avatarUrl: "https://pictures.example/ann" };
      await store.commit([{ change: "insert-user", user: ann }]);
      const unknown = { name: null, email: null, avatarUrl: null };
      const [first, second, third] = members;
      const seen = [
        { ...first, ...unknown },
        { ...second, name: ann.name, email: ann.email, avatarUrl: ann.avatarUrl },
        { ...third, ...unknown },
      ];
      expect(await store.memberships.ofAccount("acc_a", { limit: 9 })).toEqual(seen);
      expect(await store.memberships.ofAccount("acc_a", { limit: 1, after: "usr_2" })).toEqual(seen.slice(1, 2));
      expect(await store.memberships.count("acc_a")).toBe(3);
      expect(await store.memberships.get("acc_a", "usr_3")).toEqual(members[2]);
      expect(await store.memberships.get("acc_b", "usr_3")).toBeNull();
    },
  },
  {
    name: "ACC-11 the roles of a person in all its accounts are one read",
    async run({ store }) {
      for (const id of ["acc_a", "acc_b"]) await store.commit([insert(anAccount(id)), add(aMember(id, "usr_1", ["owner", "product"]))]);
      await store.commit([add(aMember("acc_a", "usr_2", ["viewer"]))]);
      const roles = await store.memberships.rolesOf("usr_1");
      expect(Object.fromEntries(roles)).toEqual({ acc_a: ["owner", "product"], acc_b: ["owner", "product"] });
      expect([...(await store.memberships.rolesOf("usr_3"))]).toEqual([]);
    },
  },
  {
    name: "ACC-06 a member that is there is never overwritten, and an account that is missing gets none",
    async run({ store }) {
      const member = aMember("acc_a", "usr_1", ["owner"]);
      await store.commit([insert(anAccount("acc_a")), add(member)]);
      await expectRefusal(store.commit([add(aMember("acc_a", "usr_1", ["viewer"]))]), "already_exists");
      await expectRefusal(store.commit([add(aMember("acc_x", "usr_1"))]), "not_found");
      expect(await store.memberships.get("acc_a", "usr_1")).toEqual(member);
    },
  },
  {
    name: "ACC-07 roles are changed from the revision that was seen, and the last owner stays one",
    async run({ store }) {
      await store.commit([insert(anAccount("acc_a")), add(aMember("acc_a", "usr_1", ["owner"])), add(aMember("acc_a", "usr_2"))]);
      await expectRefusal(store.commit([put("usr_1", ["admin"])]), "last_owner");
      await expectRefusal(store.commit([put("usr_2", ["owner"], 2)]), "stale_revision");
      await expectRefusal(store.commit([put("usr_3", ["owner"])]), "stale_revision");
      await store.commit([put("usr_2", ["owner"]), put("usr_1", ["admin"])]);
      expect(await store.memberships.get("acc_a", "usr_1")).toEqual(aMember("acc_a", "usr_1", ["admin"], { revision: 2 }));
      expect(await store.memberships.get("acc_a", "usr_2")).toEqual(aMember("acc_a", "usr_2", ["owner"], { revision: 2 }));
    },
  },
  {
    name: "ACC-07 of two owners that take the role from each other at the same time one stays",
    async run({ store, connect }) {
      const other = await connect();
      for (let round = 0; round < 5; round += 1) {
        const id = `acc_${round}`;
        await store.commit([insert(anAccount(id)), add(aMember(id, "usr_1", ["owner"])), add(aMember(id, "usr_2", ["owner"]))]);
        const both = await Promise.allSettled([
          store.commit([put("usr_1", ["admin"], 1, id)]),
          other.commit([put("usr_2", ["admin"], 1, id)]),
        ]);
        expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const refused = both.find((each) => each.status === "rejected");
        expect(refused?.reason).toMatchObject({ code: "last_owner" });
        const members = await store.memberships.ofAccount(id, { limit: 9 });
        expect(members.filter(({ roles }) => roles.includes("owner"))).toHaveLength(1);
      }
    },
  },
  {
    name: "ACC-08 a member that is removed is gone, its departure is noted until it is finished, and the last owner stays",
    async run({ store }) {
      await store.commit([insert(anAccount("acc_a")), add(aMember("acc_a", "usr_1", ["owner"])), add(aMember("acc_a", "usr_2"))]);
      await expectRefusal(store.commit([remove("usr_1")]), "last_owner");
      await expectRefusal(store.commit([remove("usr_2", 2)]), "stale_revision");
      expect(await store.memberships.departures(9)).toEqual([]);
      await store.commit([remove("usr_2")]);
      await expectRefusal(store.commit([remove("usr_2")]), "stale_revision");
      expect(await store.memberships.get("acc_a", "usr_2")).toBeNull();
      const departure = { accountId: "acc_a", userId: "usr_2" };
      expect(await store.memberships.departures(9)).toEqual([departure]);
      for (let time = 0; time < 2; time += 1) await store.commit([{ change: "finish-departure", ...departure }]);
      expect(await store.memberships.departures(9)).toEqual([]);
    },
  },
  {
    name: "ACC-10 an account is deleted with its members and no other's, once, and those being deleted are found longest first",
    async run({ store }) {
      for (const id of ["acc_a", "acc_b"]) await store.commit([insert(anAccount(id)), add(aMember(id, "usr_1", ["owner"]))]);
      expect(await store.accounts.deleting(9, 9)).toEqual([]);
      const deleting = anAccount("acc_a", { deletingAt: 5, revision: 2 });
      const later = anAccount("acc_b", { deletingAt: 6, revision: 2 });
      for (const account of [later, deleting]) await store.commit([{ change: "update-account", account }]);
      expect(await store.accounts.deleting(6, 9)).toEqual([deleting]);
      expect(await store.accounts.deleting(7, 9)).toEqual([deleting, later]);
      await expectRefusal(store.commit([{ change: "delete-account", accountId: "acc_a", expected: 1 }]), "stale_revision");
      await store.commit([{ change: "delete-account", accountId: "acc_a", expected: 2 }]);
      await expectRefusal(store.commit([{ change: "delete-account", accountId: "acc_a", expected: 2 }]), "stale_revision");
      expect(await store.accounts.get("acc_a")).toBeNull();
      expect(await store.memberships.ofAccount("acc_a", { limit: 9 })).toEqual([]);
      expect([...(await store.memberships.rolesOf("usr_1")).keys()]).toEqual(["acc_b"]);
    },
  },
  {
    name: "a commit of two accounts is refused, unless it is the host's",
    async run({ store }) {
      await expectRefusal(store.commit([insert(anAccount("acc_a")), insert(anAccount("acc_b"))]), "validation");
      expect(await store.accounts.get("acc_a")).toBeNull();
      await store.commit([insert(anAccount("acc_a")), { change: "remove-mail", mailKey: "none" }]);
      expect(await store.accounts.get("acc_a")).not.toBeNull();
    },
  },
];
