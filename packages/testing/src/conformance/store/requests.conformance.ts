import type { RememberedRequest } from "@millrace/kernel";
import { expect } from "vitest";
import { boardOf, expectRefusal, raise, WS, aNotification, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const request = (over: Partial<RememberedRequest> = {}): RememberedRequest => ({
  scope: { of: "workspace", id: WS },
  caller: "human usr_1",
  operation: "runs.start",
  key: "key_1",
  digest: "d1",
  answer: "{}",
  at: 10,
  ...over,
});

export const requestCases: readonly StoreCase[] = [
  {
    name: "G-06 a request lands once for each caller, operation and scope, and is found by them",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await store.commit([{ change: "remember-request", request: request(), forgetBefore: 0 }]);
      expect(await store.requests.get(request())).toEqual(request());
      await expectRefusal(store.commit([{ change: "remember-request", request: request({ digest: "d2" }), forgetBefore: 0 }]), "conflict");
      for (const other of [
        request({ caller: "human usr_2" }),
        request({ operation: "runs.retry" }),
        request({ key: "key_2" }),
        request({ scope: { of: "account", id: WS } }),
        request({ scope: { of: "host" } }),
      ]) {
        expect(await store.requests.get(other)).toBeNull();
        await store.commit([{ change: "remember-request", request: other, forgetBefore: 0 }]);
        expect(await store.requests.get(other)).toEqual(other);
      }
    },
  },
  {
    name: "G-06 a request lands with what it changed, or not at all",
    async run({ store }) {
      await seedRun(store);
      await store.commit([{ change: "remember-request", request: request(), forgetBefore: 0 }]);
      const late = raise(aNotification("ntf_late"));
      await expectRefusal(store.commit([late, { change: "remember-request", request: request(), forgetBefore: 0 }]), "conflict");
      expect(await store.notifications.get(WS, "ntf_late")).toBeNull();
    },
  },
  {
    name: "G-06 what the same caller sent long ago is forgotten with the next request",
    async run({ store }) {
      await store.commit(boardOf(WS));
      const others = request({ caller: "human usr_2" });
      for (const old of [request(), others]) await store.commit([{ change: "remember-request", request: old, forgetBefore: 0 }]);
      const next = request({ key: "key_2", at: 100 });
      await store.commit([{ change: "remember-request", request: next, forgetBefore: 50 }]);
      expect(await store.requests.get(request())).toBeNull();
      expect(await store.requests.get(others)).toEqual(others);
      await store.commit([{ change: "remember-request", request: request({ at: 101 }), forgetBefore: 50 }]);
      expect((await store.requests.get(request()))?.at).toBe(101);
    },
  },
];
