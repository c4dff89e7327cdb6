import type { AccountEvent, HostEvent } from "@millrace/contracts";
import { LOG_START } from "@millrace/kernel";
import { expect } from "vitest";
import { boardOf, expectRefusal, WS } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const record = { version: 1, at: 1, actor: { type: "human", id: "usr_1" } } as const;
const renamed = (name: string): AccountEvent => ({ ...record, event: { type: "account-created", name } });
const changed = (userId: string): HostEvent => ({ ...record, event: { type: "user-changed", userId, fields: ["name"] } });

export const platformEventCases: readonly StoreCase[] = [
  {
    name: "events of accounts and of the host are kept in logs of their own, each in its order",
    async run({ store }) {
      await store.commit(boardOf(WS));
      await store.commit([{ change: "append-account-event", accountId: "acc_a", event: renamed("one") }]);
      await store.commit([{ change: "append-account-event", accountId: "acc_b", event: renamed("other") }]);
      await store.commit([
        { change: "append-account-event", accountId: "acc_a", event: renamed("two") },
        { change: "append-account-event", accountId: "acc_a", event: renamed("three") },
      ]);
      await store.commit([{ change: "append-host-event", event: changed("usr_1") }]);
      const [first, ...rest] = await store.platformEvents.ofAccount("acc_a", LOG_START, 10);
      expect([first, ...rest].map((event) => event?.entry)).toEqual([renamed("one"), renamed("two"), renamed("three")]);
      expect(await store.platformEvents.ofAccount("acc_a", first?.cursor ?? "", 1)).toEqual([rest[0]]);
      expect((await store.platformEvents.ofHost(LOG_START, 10)).map(({ entry }) => entry)).toEqual([changed("usr_1")]);
      expect(await store.platformEvents.ofAccount("acc_c", LOG_START, 10)).toEqual([]);
      await expectRefusal(store.platformEvents.ofAccount("acc_a", "nowhere", 10), "validation");
    },
  },
];
