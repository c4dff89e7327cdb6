import type { Change } from "@millrace/kernel";
import { expect } from "vitest";
import { expectRefusal } from "./fixtures.js";
import { aPerson, aProof, aSession, aState, aToken, aUser } from "./people-fixtures.js";
import type { StoreCase, StoreScene } from "./store-case.js";

type Count = Change<"count-attempt">;
const attempt = (at: number, over: Partial<Count> = {}): Count => ({
  change: "count-attempt",
  counterKey: "sign-in somebody",
  max: 3,
  windowMs: 100,
  at,
  ...over,
});

/** Two that do the same at the same time: one may. */
async function onlyOne({ store, connect }: StoreScene, change: Change<"take-mail-proof" | "take-sign-in-state" | "delete-api-token">) {
  const other = await connect();
  const both = await Promise.allSettled([store.commit([change]), other.commit([change])]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
}

export const signInCases: readonly StoreCase[] = [
  {
    name: "AUT-06 a session is found with its user until it is removed, and ends once",
    async run({ store }) {
      await store.commit([...aPerson("usr_a"), ...aPerson("usr_b")]);
      const session = aSession("usr_a", "ses_a");
      await store.commit([{ change: "insert-session", session }]);
      expect(await store.sessions.get("ses_a")).toEqual({ session, user: aUser("usr_a") });
      expect(await store.sessions.get("ses_x")).toBeNull();
      await expectRefusal(store.commit([{ change: "insert-session", session }]), "conflict");
      const end = { change: "end-session", userId: "usr_a", sessionId: "ses_a", at: 5 } as const;
      await expectRefusal(store.commit([{ ...end, userId: "usr_b" }]), "not_found");
      await expectRefusal(store.commit([{ ...end, sessionId: "ses_x" }]), "not_found");
      await store.commit([end]);
      await expectRefusal(store.commit([end]), "not_found");
      await expectRefusal(store.commit([{ change: "confirm-session", sessionId: "ses_a", until: 9 }]), "not_found");
      expect((await store.sessions.get("ses_a"))?.session).toEqual({ ...session, endedAt: 5 });
    },
  },
  {
    name: "AUT-06 only a user who is there and may sign in gets a session",
    async run({ store }) {
      await store.commit([...aPerson("usr_a")]);
      await store.commit([{ change: "update-user", user: aUser("usr_a", { disabledAt: 3, revision: 2 }) }]);
      for (const userId of ["usr_a", "usr_x"])
        await expectRefusal(store.commit([{ change: "insert-session", session: aSession(userId, "ses_a") }]), "sign_in_refused");
    },
  },
  {
    name: "AUT-07 the sessions of a user that go on are listed newest first, and all but one end",
    async run({ store }) {
      await store.commit([...aPerson("usr_a"), ...aPerson("usr_b")]);
      const sessions = [
        aSession("usr_a", "ses_a"),
        aSession("usr_a", "ses_b", { createdAt: 2, lastSeenAt: 50 }),
        aSession("usr_a", "ses_c", { createdAt: 3, lastSeenAt: 50 }),
        aSession("usr_a", "ses_over", { expiresAt: 60, lastSeenAt: 50 }),
        aSession("usr_b", "ses_d", { lastSeenAt: 50 }),
      ];
      await store.commit(sessions.map((session) => ({ change: "insert-session", session }) as const));
      const listed = async (over: { readonly limit?: number; readonly after?: string } = {}) =>
        (await store.sessions.ofUser("usr_a", { limit: 9, now: 100, usedSince: 10, ...over })).map(({ id }) => id);
      expect(await listed()).toEqual(["ses_c", "ses_b"]);
      expect(await listed({ limit: 1 })).toEqual(["ses_c"]);
      expect(await listed({ after: "ses_c" })).toEqual(["ses_b"]);
      await expectRefusal(listed({ after: "ses_d" }), "validation");
      await store.commit([{ change: "end-sessions", ofUser: "usr_a", except: "ses_b", at: 100 }]);
      expect(await listed()).toEqual(["ses_b"]);
      await store.commit([{ change: "end-sessions", ofUser: "usr_a", except: null, at: 101 }]);
      expect(await listed()).toEqual([]);
      expect((await store.sessions.get("ses_c"))?.session.endedAt).toBe(100);
      expect((await store.sessions.get("ses_d"))?.session.endedAt).toBeNull();
      expect(await store.sessions.deleteOver(101, 9)).toBe(3);
      expect(await store.sessions.get("ses_c")).toBeNull();
    },
  },
  {
    name: "AUT-12 a session and a token are touched only where they were used before a moment",
    async run({ store }) {
      await store.commit([
        ...aPerson("usr_a"),
        { change: "insert-session", session: aSession("usr_a", "ses_a") },
        { change: "insert-api-token", token: aToken("mr_a"), max: 9 },
      ]);
      const touch = (at: number, before: number) =>
        store.commit([
          { change: "touch-session", sessionId: "ses_a", at, before },
          { change: "touch-api-token", tokenId: "mr_a", at, before },
        ]);
      const used = async () => [
        (await store.sessions.get("ses_a"))?.session.lastSeenAt,
        (await store.apiTokens.get("mr_a"))?.token.lastUsedAt,
      ];
      await touch(50, 1);
      expect(await used()).toEqual([1, 50]);
      await touch(70, 50);
      expect(await used()).toEqual([70, 50]);
      await touch(80, 71);
      expect(await used()).toEqual([80, 80]);
    },
  },
  {
    name: "AUT-08 a session is confirmed until a moment",
    async run({ store }) {
      await store.commit([...aPerson("usr_a"), { change: "insert-session", session: aSession("usr_a", "ses_a") }]);
      await store.commit([{ change: "confirm-session", sessionId: "ses_a", until: 600 }]);
      expect((await store.sessions.get("ses_a"))?.session.confirmedUntil).toBe(600);
      await expectRefusal(store.commit([{ change: "confirm-session", sessionId: "ses_x", until: 600 }]), "not_found");
    },
  },
  {
    name: "AUT-09 an owner has so many tokens that have not expired, counted by the statement that adds one",
    async run({ store, connect }) {
      const add = (id: string, over = {}) => ({ change: "insert-api-token", token: aToken(id, over), max: 2 }) as const;
      await store.commit(aPerson("usr_a"));
      await store.commit([add("mr_old", { expiresAt: 5 })]);
      await store.commit([add("mr_1", { createdAt: 10 })]);
      await expectRefusal(store.commit([add("mr_1", { createdAt: 10 })]), "conflict");
      const other = await connect();
      const both = await Promise.allSettled([
        store.commit([add("mr_2", { createdAt: 10 })]),
        other.commit([add("mr_3", { createdAt: 10 })]),
      ]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      await expectRefusal(store.commit([add("mr_4", { createdAt: 10 })]), "limit_reached");
      const service = { kind: "service", userId: null, accountId: "acc_a", createdAt: 10 };
      await store.commit([add("mr_5", service), add("mr_6", service)]);
      await expectRefusal(store.commit([add("mr_7", service)]), "limit_reached");
      expect(await store.apiTokens.deleteExpired(6, 9)).toBe(1);
      expect(await store.apiTokens.get("mr_old")).toBeNull();
    },
  },
  {
    name: "AUT-10 tokens are listed newest first by their owner, who alone revokes them, each once",
    async run(scene) {
      const { store } = scene;
      await store.commit(aPerson("usr_a"));
      const account = { accountId: "acc_a" };
      const user = { userId: "usr_a" };
      const tokens = [
        aToken("mr_1", { createdAt: 1, scopes: ["read", "runs"], workspaces: ["ws_a"], isConfirmed: true }),
        aToken("mr_2", { createdAt: 2 }),
        aToken("mr_3", { kind: "service", userId: null, ...account }),
      ] as const;
      await store.commit(tokens.map((token) => ({ change: "insert-api-token", token, max: 9 }) as const));
      expect(await store.apiTokens.get("mr_1")).toEqual({ token: tokens[0], user: aUser("usr_a") });
      expect(await store.apiTokens.get("mr_3")).toEqual({ token: tokens[2], user: null });
      expect(await store.apiTokens.list(user, { limit: 9 })).toEqual([tokens[1], tokens[0]]);
      expect(await store.apiTokens.list(user, { limit: 9, after: "mr_2" })).toEqual([tokens[0]]);
      expect(await store.apiTokens.list(account, { limit: 9 })).toEqual([tokens[2]]);
      await expectRefusal(store.apiTokens.list(account, { limit: 9, after: "mr_2" }), "validation");
      await expectRefusal(store.commit([{ change: "delete-api-token", owner: user, tokenId: "mr_3" }]), "not_found");
      await expectRefusal(store.commit([{ change: "delete-api-token", owner: account, tokenId: "mr_1" }]), "not_found");
      await onlyOne(scene, { change: "delete-api-token", owner: user, tokenId: "mr_1" });
      await store.commit([{ change: "delete-api-tokens", owner: user }]);
      expect(await store.apiTokens.list(user, { limit: 9 })).toEqual([]);
      expect(await store.apiTokens.get("mr_3")).not.toBeNull();
    },
  },
  {
    name: "AUT-03 attempts are counted in windows, and the one that is too many is refused with everything beside it",
    async run({ store }) {
      for (const at of [10, 20, 30]) await store.commit([attempt(at)]);
      const other = attempt(40, { counterKey: "sign-in other" });
      await expectRefusal(store.commit([other, attempt(40)]), "rate_limited");
      for (const at of [41, 42, 43]) await store.commit([{ ...other, at }]);
      await store.commit([{ change: "release-attempt", counterKey: "sign-in somebody" }, attempt(50)]);
      await expectRefusal(store.commit([attempt(109)]), "rate_limited");
      for (const at of [110, 120, 130]) await store.commit([attempt(at)]);
      await expectRefusal(store.commit([attempt(140)]), "rate_limited");
      await store.commit([attempt(7)]);
      await store.commit([{ change: "release-attempt", counterKey: "nothing" }]);
      expect(await store.attempts.deleteOld(10, 9)).toBe(1);
    },
  },
  {
    name: "AUT-03 of attempts at the same time no more than the limit get through",
    async run({ store, connect }) {
      const other = await connect();
      const all = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((n) => (n % 2 === 0 ? store : other).commit([attempt(10)])));
      expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    },
  },
  {
    name: "USR-03 a proof by mail is good for once, and is not stored as it was sent",
    async run(scene) {
      const { store } = scene;
      const proof = aProof("prf_a", { purpose: "sign-up", userId: null, name: "Ada", password: "slow", invitation: "inv_a" });
      await store.commit([{ change: "insert-mail-proof", proof }]);
      expect(await store.mailProofs.byDigest("digest of prf_a")).toEqual(proof);
      expect(await store.mailProofs.byDigest("prf_a")).toBeNull();
      await onlyOne(scene, { change: "take-mail-proof", proofId: "prf_a" });
      await expectRefusal(store.commit([{ change: "take-mail-proof", proofId: "prf_a" }]), "proof_invalid");
      for (const [id, over] of Object.entries({
        prf_b: { purpose: "password-reset" },
        prf_c: { userId: "usr_b", purpose: "password-reset" },
        prf_d: { expiresAt: 5 },
      } as const))
        await store.commit([{ change: "insert-mail-proof", proof: aProof(id, over) }]);
      await store.commit([{ change: "delete-mail-proofs", ofUser: "usr_a", purpose: "password-reset" }]);
      const left = await Promise.all(["prf_b", "prf_c", "prf_d"].map((id) => store.mailProofs.byDigest(`digest of ${id}`)));
      expect(left.map((each) => each?.id)).toEqual([undefined, "prf_c", "prf_d"]);
      expect(await store.mailProofs.deleteExpired(6, 9)).toBe(1);
    },
  },
  {
    name: "AUT-04 the state of a sign-in at a provider is good for once",
    async run(scene) {
      const { store } = scene;
      const state = aState("sis_a", { purpose: "link", userId: "usr_a", sessionId: "ses_a", invitation: "inv_a" });
      await store.commit([{ change: "insert-sign-in-state", state }]);
      expect(await store.signInStates.byDigest("digest of sis_a")).toEqual(state);
      await onlyOne(scene, { change: "take-sign-in-state", stateId: "sis_a" });
      await expectRefusal(store.commit([{ change: "take-sign-in-state", stateId: "sis_a" }]), "proof_invalid");
      await store.commit([{ change: "insert-sign-in-state", state: aState("sis_b", { expiresAt: 5 }) }]);
      expect([await store.signInStates.deleteExpired(5, 9), await store.signInStates.deleteExpired(6, 9)]).toEqual([0, 1]);
    },
  },
];
