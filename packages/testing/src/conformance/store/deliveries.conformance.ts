import type { ChannelProgress, Change, Delivery } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aBoardEvent, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

function someProgress(revision: number, over: Partial<ChannelProgress> = {}): ChannelProgress {
  return { channel: "chat", cursor: `${revision}`, made: 0, leaseUntil: 0, revision, ...over };
}

function aDelivery(number: number, over: Partial<Delivery> = {}): Delivery {
  return {
    channel: "chat",
    number,
    cursor: `7${number}`,
    workspaceId: WS,
    entry: aBoardEvent(`event ${number}`),
    status: "pending",
    attempts: 0,
    nextAttemptAt: 0,
    lastError: null,
    ...over,
  };
}

const putProgress = (progress: ChannelProgress): Change<"put-channel-progress"> => ({ change: "put-channel-progress", progress });
const putDelivery = (delivery: Delivery): Change<"put-delivery"> => ({ change: "put-delivery", delivery });

export const deliveryCases: readonly StoreCase[] = [
  {
    name: "F:C15 deliveries of a workspace that are over and older than a time are removed, a batch at a time",
    async run({ store }) {
      const at = (number: number, when: number, over: Partial<Delivery> = {}): Delivery =>
        aDelivery(number, { entry: { ...aBoardEvent("e"), at: when }, status: "delivered", ...over });
      const rows = [at(1, 10), at(2, 20), at(3, 30), at(4, 5, { status: "pending" }), at(5, 5, { workspaceId: "ws_other" })];
      await store.commit(rows.map(putDelivery));
      await store.commit([{ change: "trim-deliveries", ofWorkspace: WS, before: 30, limit: 1 }]);
      await store.commit([{ change: "trim-deliveries", ofWorkspace: WS, before: 30, limit: 9 }]);
      // What was removed is put as pending again: the others are still there, and stay what they are.
      expect((await store.deliveries.pending("chat", 9)).map(({ number }) => number)).toEqual([4]);
    },
  },
  {
    name: "the progress of a channel is there once it was put, and changes one revision at a time",
    async run({ store }) {
      expect(await store.deliveries.progress("chat")).toBeNull();
      await expectRefusal(store.commit([putProgress(someProgress(2))]), "stale_revision");
      await store.commit([putProgress(someProgress(1))]);
      const second = someProgress(2, { made: 3, leaseUntil: 9000 });
      await store.commit([putProgress(second)]);
      for (const revision of [1, 2, 4]) await expectRefusal(store.commit([putProgress(someProgress(revision))]), "stale_revision");
      expect(await store.deliveries.progress("chat")).toEqual(second);
      expect(await store.deliveries.progress("mail")).toBeNull();
    },
  },
  {
    name: "of two processes that take up a channel at the same revision one succeeds, and only its deliveries are there",
    async run({ store, connect }) {
      const other = await connect();
      await store.commit([putProgress(someProgress(1))]);
      const take = (by: typeof store, cursor: string) =>
        by.commit([putProgress(someProgress(2, { cursor })), putDelivery(aDelivery(1, { cursor }))]);
      const taken = await Promise.allSettled([take(store, "one"), take(other, "other")]);
      expect(taken.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      const progress = await store.deliveries.progress("chat");
      expect(progress?.revision).toBe(2);
      expect((await store.deliveries.pending("chat", 9)).map(({ cursor }) => cursor)).toEqual([progress?.cursor]);
    },
  },
  {
    name: "pending deliveries come whole and in their order, those of one channel only, and as many as were asked for",
    async run({ store }) {
      const ten = Array.from({ length: 12 }, (_, index) => aDelivery(index + 1));
      await store.commit([...ten.toReversed(), aDelivery(1, { channel: "mail" })].map(putDelivery));
      expect(await store.deliveries.pending("chat", 200)).toEqual(ten);
      expect((await store.deliveries.pending("chat", 2)).map(({ number }) => number)).toEqual([1, 2]);
      expect(await store.deliveries.pending("none", 9)).toEqual([]);
      for (const limit of [0, 201, 1.5]) await expectRefusal(store.deliveries.pending("chat", limit), "validation");
    },
  },
  {
    name: "a delivery that is put again is replaced, and is no longer pending when it was delivered or given up",
    async run({ store }) {
      await store.commit([1, 2, 3].map((number) => putDelivery(aDelivery(number))));
      const again = aDelivery(2, { attempts: 1, nextAttemptAt: 90, lastError: "timed out" });
      await store.commit([
        putDelivery(aDelivery(1, { status: "delivered", attempts: 1 })),
        putDelivery(again),
        putDelivery(aDelivery(3, { status: "dead", attempts: 10, lastError: "refused" })),
      ]);
      expect(await store.deliveries.pending("chat", 9)).toEqual([again]);
    },
  },
  {
    name: "a commit of deliveries whose channel has moved on writes nothing",
    async run({ store }) {
      await store.commit([putProgress(someProgress(1))]);
      await expectRefusal(store.commit([putDelivery(aDelivery(1)), putProgress(someProgress(1))]), "stale_revision");
      expect(await store.deliveries.pending("chat", 9)).toEqual([]);
    },
  },
];
