import type { StoredInvitation } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { anAccount } from "./accounts.conformance.js";
import { expectRefusal } from "./fixtures.js";
import type { StoreCase, StoreScene } from "./store-case.js";

const anInvitation = (id: string, over: Partial<StoredInvitation> = {}): StoredInvitation => ({
  id,
  accountId: "acc_a",
  email: `${id}@example.org`,
  roles: ["developer"],
  status: "pending",
  invitedBy: "usr_1",
  createdAt: 10,
  expiresAt: 100,
  endedAt: null,
  revision: 1,
  ...over,
});

const insert = (invitation: StoredInvitation, maxPending = 9): Change<"insert-invitation"> => ({
  change: "insert-invitation",
  invitation,
  tokenDigest: `digest of ${invitation.id}`,
  maxPending,
});
const end = (
  invitationId: string,
  as: "accepted" | "revoked" | "replaced",
  expected = 1,
  accountId = "acc_a",
): Change<"end-invitation"> => ({
  change: "end-invitation",
  accountId,
  invitationId,
  expected,
  as,
  at: 50,
});

async function seed({ store }: StoreScene): Promise<void> {
  for (const id of ["acc_a", "acc_b"]) await store.commit([{ change: "insert-account", account: anAccount(id) }]);
}

export const invitationCases: readonly StoreCase[] = [
  {
    name: "INV-01 an invitation is found by its id in its account, by its address while it is pending, and by the digest of its link",
    async run(scene) {
      const { store } = scene;
      await seed(scene);
      const invitation = anInvitation("inv_1", { roles: ["admin", "product"] });
      await store.commit([insert(invitation)]);
      expect(await store.invitations.get("acc_a", "inv_1")).toEqual(invitation);
      expect(await store.invitations.get("acc_b", "inv_1")).toBeNull();
      expect(await store.invitations.pendingOf("acc_a", invitation.email)).toEqual(invitation);
      expect(await store.invitations.byToken("digest of inv_1")).toEqual(invitation);
      expect(await store.invitations.byToken("digest of inv_2")).toBeNull();
      await expectRefusal(store.commit([insert({ ...invitation, email: "x@example.org" })]), "conflict");
      await expectRefusal(store.commit([insert(anInvitation("inv_2", { accountId: "acc_x" }))]), "not_found");
    },
  },
  {
    name: "INV-01 an address has one pending invitation into an account, also when two are sent at the same time",
    async run(scene) {
      const { store, connect } = scene;
      const other = await connect();
      await seed(scene);
      const to = { email: "ann@example.org" };
      const both = await Promise.allSettled([
        store.commit([insert(anInvitation("inv_1", to))]),
        other.commit([insert(anInvitation("inv_2", to))]),
      ]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect(both.find((each) => each.status === "rejected")?.reason).toMatchObject({ code: "conflict" });
      const first = await store.invitations.pendingOf("acc_a", to.email);
      await store.commit([end(first?.id ?? "", "replaced"), insert(anInvitation("inv_3", to))]);
      expect((await store.invitations.pendingOf("acc_a", to.email))?.id).toBe("inv_3");
      await store.commit([insert(anInvitation("inv_4", { ...to, accountId: "acc_b" }))]);
    },
  },
  {
    name: "INV-01 as many invitations are pending as may be; expired and ended ones do not count",
    async run(scene) {
      const { store } = scene;
      await seed(scene);
      await store.commit([insert(anInvitation("inv_old", { expiresAt: 10 })), insert(anInvitation("inv_1"), 2)]);
      await store.commit([insert(anInvitation("inv_2"), 2)]);
      await expectRefusal(store.commit([insert(anInvitation("inv_3"), 2)]), "limit_reached");
      await store.commit([insert(anInvitation("inv_4", { accountId: "acc_b" }), 1)]);
      await store.commit([end("inv_1", "revoked")]);
      await store.commit([insert(anInvitation("inv_3"), 2)]);
    },
  },
  {
    name: "INV-02 invitations are listed newest first, a page at a time, by what became of them",
    async run(scene) {
      const { store } = scene;
      await seed(scene);
      for (const [at, id] of ["inv_a", "inv_b", "inv_c", "inv_d"].entries())
        await store.commit([insert(anInvitation(id, { createdAt: at, expiresAt: id === "inv_b" ? 20 : 100 }))]);
      await store.commit([insert(anInvitation("inv_z", { accountId: "acc_b" }))]);
      await store.commit([end("inv_c", "revoked")]);
      const listed = async (
        status?: "pending" | "expired" | "revoked" | "accepted",
        page: { limit: number; after?: string } = { limit: 9 },
      ) => (await store.invitations.list("acc_a", { status, now: 20 }, page)).map(({ id }) => id);
      expect(await listed()).toEqual(["inv_d", "inv_c", "inv_b", "inv_a"]);
      expect(await listed("pending")).toEqual(["inv_d", "inv_a"]);
      expect(await listed("expired")).toEqual(["inv_b"]);
      expect(await listed("revoked")).toEqual(["inv_c"]);
      expect(await listed("accepted")).toEqual([]);
      expect(await listed(undefined, { limit: 2, after: "inv_d" })).toEqual(["inv_c", "inv_b"]);
      expect(await listed("pending", { limit: 2, after: "inv_c" })).toEqual(["inv_a"]);
      await expectRefusal(listed("pending", { limit: 2, after: "inv_z" }), "validation");
    },
  },
  {
    name: "INV-03 an invitation that is sent again has a new link, and the old one is worth nothing",
    async run(scene) {
      const { store } = scene;
      await seed(scene);
      await store.commit([insert(anInvitation("inv_1"))]);
      const renew = (expected: number, accountId = "acc_a"): Change<"renew-invitation"> => ({
        change: "renew-invitation",
        accountId,
        invitationId: "inv_1",
        expected,
        tokenDigest: "digest of another",
        invitedBy: "usr_2",
        expiresAt: 200,
      });
      await expectRefusal(store.commit([renew(2)]), "stale_revision");
      await expectRefusal(store.commit([renew(1, "acc_b")]), "stale_revision");
      await store.commit([renew(1)]);
      const renewed = anInvitation("inv_1", { invitedBy: "usr_2", expiresAt: 200, revision: 2 });
      expect(await store.invitations.byToken("digest of inv_1")).toBeNull();
      expect(await store.invitations.byToken("digest of another")).toEqual(renewed);
      await store.commit([end("inv_1", "accepted", 2)]);
      await expectRefusal(store.commit([renew(3)]), "stale_revision");
    },
  },
  {
    name: "INV-06 of an acceptance and a revocation at the same time one lands, with what it brings, and a closed one keeps its history",
    async run(scene) {
      const { store, connect } = scene;
      const other = await connect();
      await seed(scene);
      for (let round = 0; round < 5; round += 1) {
        const id = `inv_${round}`;
        const userId = `usr_${round}`;
        await store.commit([insert(anInvitation(id))]);
        const membership = { accountId: "acc_a", userId, roles: ["developer" as const], since: 1, revision: 1 };
        const both = await Promise.allSettled([
          store.commit([end(id, "accepted"), { change: "insert-membership", membership }]),
          other.commit([end(id, "revoked")]),
        ]);
        expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        expect(both.find((each) => each.status === "rejected")?.reason).toMatchObject({ code: "stale_revision" });
        const status = (await store.invitations.get("acc_a", id))?.status ?? "pending";
        expect((await store.memberships.get("acc_a", userId)) !== null).toBe(status === "accepted");
        await expectRefusal(store.commit([end(id, "revoked", 2)]), "stale_revision");
        expect(await store.invitations.get("acc_a", id)).toEqual(anInvitation(id, { status, endedAt: 50, revision: 2 }));
      }
      await store.commit([insert(anInvitation("inv_x"))]);
      await expectRefusal(store.commit([end("inv_x", "revoked", 1, "acc_b")]), "stale_revision");
    },
  },
  {
    name: "INV-02 invitations that ended or expired long ago are purged, a batch at a time, and those of a deleted account at once",
    async run(scene) {
      const { store } = scene;
      await seed(scene);
      await store.commit(["inv_1", "inv_2", "inv_3"].map((id) => insert(anInvitation(id))));
      await store.commit([insert(anInvitation("inv_b", { accountId: "acc_b", expiresAt: 20 }))]);
      await store.commit([end("inv_1", "revoked")]);
      expect(await store.invitations.anyOver(20)).toBe(false);
      expect(await store.invitations.anyOver(21)).toBe(true);
      await store.commit([{ change: "purge-invitations", before: 60, limit: 1 }]);
      expect(await store.invitations.get("acc_b", "inv_b")).toBeNull();
      expect(await store.invitations.get("acc_a", "inv_1")).not.toBeNull();
      await store.commit([{ change: "purge-invitations", before: 60, limit: 9 }]);
      expect((await store.invitations.list("acc_a", { now: 0 }, { limit: 9 })).map(({ id }) => id)).toEqual(["inv_3", "inv_2"]);
      await store.commit([{ change: "remove-invitations", accountId: "acc_a" }]);
      expect(await store.invitations.list("acc_a", { now: 0 }, { limit: 9 })).toEqual([]);
    },
  },
];
