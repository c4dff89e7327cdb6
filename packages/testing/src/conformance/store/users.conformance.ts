import { expect } from "vitest";
import { expectRefusal } from "./fixtures.js";
import { anIdentity, aPerson, aProof, aSession, aState, aToken, aUser } from "./people-fixtures.js";
import type { StoreCase } from "./store-case.js";

export const userCases: readonly StoreCase[] = [
  {
    name: "USR-08 a user and a first way to sign in land together, and are found by each of their names",
    async run({ store }) {
      await store.commit(aPerson("usr_a"));
      const user = aUser("usr_a");
      expect(await store.users.get("usr_a")).toEqual(user);
      expect(await store.users.byEmail("usr.a@example.com")).toEqual(user);
      expect(await store.users.byIdentity("github", "subject of usr_a")).toEqual({ user, identity: anIdentity("usr_a") });
      expect(await store.users.identities("usr_a")).toEqual([anIdentity("usr_a")]);
      expect([
        await store.users.get("usr_b"),
        await store.users.byEmail("b@example.com"),
        await store.users.byIdentity("github", "b"),
      ]).toEqual([null, null, null]);
      await expectRefusal(store.commit([{ change: "insert-user", user: { ...user, email: null } }]), "conflict");
    },
  },
  {
    name: "USR-08 of two first sign-ins of one person, one makes the user and the other leaves nothing behind",
    async run({ store, connect }) {
      const other = await connect();
      const first = (id: string) => [
        { change: "insert-user", user: aUser(id, { email: null }) } as const,
        { change: "insert-identity", identity: anIdentity(id, "github", { subject: "7" }) } as const,
      ];
      const both = await Promise.allSettled([store.commit(first("usr_a")), other.commit(first("usr_b"))]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect(await store.users.list({ limit: 9 })).toHaveLength(1);
      await expectRefusal(store.commit(first("usr_c")), "already_exists");
      expect(await store.users.get("usr_c")).toBeNull();
    },
  },
  {
    name: "USR-03 an address is of one user, and is free again once that user has it no more",
    async run({ store }) {
      await store.commit([...aPerson("usr_a"), ...aPerson("usr_b")]);
      const email = "usr.a@example.com";
      await expectRefusal(store.commit([{ change: "insert-user", user: aUser("usr_c", { email }) }]), "already_exists");
      const takes = aUser("usr_b", { email, revision: 2 });
      await expectRefusal(store.commit([{ change: "update-user", user: takes }]), "already_exists");
      await store.commit([
        { change: "update-user", user: aUser("usr_a", { email: null, revision: 2 }) },
        { change: "update-user", user: takes },
      ]);
      expect((await store.users.byEmail(email))?.id).toBe("usr_b");
      await store.commit([{ change: "insert-user", user: aUser("usr_d", { email: null }) }]);
    },
  },
  {
    name: "USR-02 a change of a user says which revision it was decided on",
    async run({ store }) {
      await store.commit(aPerson("usr_a"));
      const renamed = aUser("usr_a", { name: "Grace", avatarUrl: "https://a.example/", timezone: "Europe/Berlin", revision: 2 });
      await store.commit([{ change: "update-user", user: { ...renamed, createdAt: 9 } }]);
      expect(await store.users.get("usr_a")).toEqual(renamed);
      for (const revision of [1, 2, 4])
        await expectRefusal(store.commit([{ change: "update-user", user: { ...renamed, revision } }]), "stale_revision");
      await expectRefusal(store.commit([{ change: "update-user", user: aUser("usr_b", { revision: 2 }) }]), "not_found");
    },
  },
  {
    name: "USR-04 what a person has at a provider is linked to one user",
    async run({ store }) {
      await store.commit([...aPerson("usr_a"), ...aPerson("usr_b")]);
      const stolen = anIdentity("usr_b", "github", { id: "idn_stolen", subject: "subject of usr_a" });
      await expectRefusal(store.commit([{ change: "insert-identity", identity: stolen }]), "already_exists");
      expect((await store.users.byIdentity("github", "subject of usr_a"))?.user.id).toBe("usr_a");
      await expectRefusal(store.commit([{ change: "insert-identity", identity: anIdentity("usr_c") }]), "not_found");
      const shown = { ...anIdentity("usr_a"), label: "grace", name: "Grace", avatarUrl: "https://a.example/" };
      await store.commit([{ change: "update-identity", identity: { ...shown, digest: "no secret" } }]);
      expect(await store.users.identities("usr_a")).toEqual([shown]);
    },
  },
  {
    name: "USR-05 the last way to sign in stays, also when two are unlinked at the same time",
    async run({ store, connect }) {
      await store.commit([
        ...aPerson("usr_a"),
        ...aPerson("usr_b"),
        { change: "insert-identity", identity: anIdentity("usr_a", "password") },
      ]);
      const unlink = (provider: string) => ({ change: "delete-identity", userId: "usr_a", identityId: `idn_usr_a_${provider}` }) as const;
      await expectRefusal(store.commit([{ ...unlink("github"), userId: "usr_b" }]), "not_found");
      const other = await connect();
      const both = await Promise.allSettled([store.commit([unlink("github")]), other.commit([unlink("password")])]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      const [left] = await store.users.identities("usr_a");
      await expectRefusal(store.commit([unlink(left?.provider ?? "")]), "in_use");
      expect(await store.users.identities("usr_a")).toEqual([left]);
      expect((await store.users.get("usr_a"))?.revision).toBe(2);
    },
  },
  {
    name: "AUT-03 a password is hashed anew only where it is still the same",
    async run({ store }) {
      await store.commit([...aPerson("usr_a"), { change: "insert-identity", identity: anIdentity("usr_a", "password") }]);
      const digestOf = async () => (await store.users.byIdentity("password", "usr_a"))?.identity.digest;
      await store.commit([{ change: "update-password", userId: "usr_a", before: "other", digest: "new" }]);
      expect(await digestOf()).toBe("slow digest");
      await store.commit([{ change: "update-password", userId: "usr_a", before: "slow digest", digest: "new" }]);
      expect(await digestOf()).toBe("new");
      await store.commit([
        { change: "delete-password", userId: "usr_a" },
        { change: "delete-password", userId: "usr_a" },
      ]);
      expect(await digestOf()).toBeUndefined();
    },
  },
  {
    name: "USR-09 a deleted user leaves nothing behind, and nobody else's things go",
    async run({ store }) {
      await store.commit([...aPerson("usr_a"), ...aPerson("usr_b")]);
      await store.commit([
        { change: "insert-session", session: aSession("usr_a", "ses_a") },
        { change: "insert-session", session: aSession("usr_b", "ses_b") },
        { change: "insert-api-token", token: aToken("mr_a"), max: 9 },
        { change: "insert-mail-proof", proof: aProof("prf_a") },
        { change: "insert-sign-in-state", state: aState("sis_a", { userId: "usr_a" }) },
      ]);
      await expectRefusal(store.commit([{ change: "delete-user", userId: "usr_a", expected: 2 }]), "stale_revision");
      await expectRefusal(store.commit([{ change: "delete-user", userId: "usr_x", expected: 1 }]), "not_found");
      await store.commit([{ change: "delete-user", userId: "usr_a", expected: 1 }]);
      const found = [
        await store.users.get("usr_a"),
        await store.users.byIdentity("github", "subject of usr_a"),
        await store.sessions.get("ses_a"),
        await store.apiTokens.get("mr_a"),
        await store.mailProofs.byDigest("digest of prf_a"),
        await store.signInStates.byDigest("digest of sis_a"),
      ];
      expect(found).toEqual(found.map(() => null));
      expect((await store.sessions.get("ses_b"))?.user.id).toBe("usr_b");
      await store.commit([{ change: "insert-user", user: aUser("usr_c", { email: "usr.a@example.com" }) }]);
    },
  },
  {
    name: "USR-10 users are listed newest first, a page at most, by the beginning of an address",
    async run({ store }) {
      for (const [index, id] of ["usr_a", "usr_b", "usr_c"].entries())
        await store.commit([{ change: "insert-user", user: aUser(id, { createdAt: index < 2 ? 1 : 2 }) }]);
      await store.commit([{ change: "insert-user", user: aUser("usr_d", { email: null, createdAt: 3 }) }]);
      const ids = async (page: Parameters<typeof store.users.list>[0]) => (await store.users.list(page)).map(({ id }) => id);
      expect(await ids({ limit: 9 })).toEqual(["usr_d", "usr_c", "usr_b", "usr_a"]);
      expect(await ids({ limit: 1, after: "usr_c" })).toEqual(["usr_b"]);
      expect(await ids({ limit: 9, query: "usr.b" })).toEqual(["usr_b"]);
      expect(await ids({ limit: 9, query: "sr" })).toEqual([]);
      await expectRefusal(store.users.list({ limit: 9, after: "usr_x" }), "validation");
    },
  },
];
