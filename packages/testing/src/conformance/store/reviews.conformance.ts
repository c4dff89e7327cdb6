import type { Review, ReviewItem } from "@millrace/contracts";
import type { Change, Store } from "@millrace/kernel";
import { expect } from "vitest";
import { TASK, WS, aBlock, aReview, aWorkspace, anItem, boardOf, expectRefusal, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const insert = (review: Review, ...items: readonly ReviewItem[]): Change => ({ change: "insert-review", review, items });
const setStatus = (id: string, from: readonly Review["status"][], status: Review["status"]): Change => ({
  change: "set-review-status",
  workspaceId: WS,
  id,
  from,
  status,
});
const answer = (id: string, reply: string | null = "Yes", over: { reviewId?: string; workspaceId?: string } = {}): Change => ({
  change: "answer-review-item",
  workspaceId: WS,
  reviewId: "rev_a",
  id,
  status: reply === null ? "dismissed" : "answered",
  reply,
  ...over,
});

/** A review that is `ready`, with findings `one` and `two`. */
async function seedReview(store: Store): Promise<void> {
  await seedRun(store);
  await store.commit([insert(aReview("rev_a"), anItem("one"), anItem("two", { position: 1 }))]);
}

const readCases: readonly StoreCase[] = [
  {
    name: "a review is read back whole, its findings in the order of their positions",
    async run({ store }) {
      await seedRun(store);
      const review = aReview("rev_a", {
        document: { key: "run_a/0", digest: "e".repeat(64), chars: 12 },
        model: "acme:large",
        iteration: 3,
      });
      const items = [
        anItem("c", { position: 2 }),
        anItem("b", { position: 0, status: "answered", reply: "So" }),
        anItem("a", { position: 1 }),
      ];
      await store.commit([insert(review, ...items)]);
      expect(await store.reviews.get(WS, "rev_a")).toEqual(review);
      expect(await store.reviews.items(WS, "rev_a")).toEqual([items[1], items[2], items[0]]);
      expect([await store.reviews.get(WS, "rev_x"), await store.reviews.items(WS, "rev_x")]).toEqual([null, []]);
    },
  },
  {
    name: "the latest review is the last made of its kind on its block, the higher iteration of the same moment",
    async run({ store }) {
      await seedRun(store);
      await store.commit([
        { change: "insert-block", block: aBlock({ id: "tsk_b" }) },
        insert(aReview("rev_1", { createdAt: 40 })),
        insert(aReview("rev_3", { createdAt: 50, iteration: 2 })),
        insert(aReview("rev_2", { createdAt: 50, iteration: 3 })),
        insert(aReview("rev_9", { createdAt: 20, iteration: 9 })),
        insert(aReview("rev_4", { createdAt: 60, kind: "clarity-review" })),
        insert(aReview("rev_5", { createdAt: 70, blockId: "tsk_b" })),
      ]);
      const latest = async (block: string, kind: string) => (await store.reviews.latest(WS, block, kind))?.id ?? null;
      expect(await latest(TASK, "requirements-review")).toBe("rev_2");
      expect(await latest(TASK, "clarity-review")).toBe("rev_4");
      expect(await latest("tsk_b", "requirements-review")).toBe("rev_5");
      expect(await latest("tsk_b", "clarity-review")).toBeNull();
    },
  },
  {
    name: "the id of a review is used once, that of a finding once in its review",
    async run({ store }) {
      await seedReview(store);
      await expectRefusal(store.commit([insert(aReview("rev_a", { iteration: 2 }))]), "conflict");
      const twice = [anItem("one", { reviewId: "rev_b" }), anItem("one", { reviewId: "rev_b", position: 1 })];
      await expectRefusal(store.commit([insert(aReview("rev_b"), ...twice)]), "conflict");
      expect(await store.reviews.get(WS, "rev_b")).toBeNull();
      await store.commit([insert(aReview("rev_b"), anItem("one", { reviewId: "rev_b" }))]);
      expect(await store.reviews.items(WS, "rev_a")).toHaveLength(2);
    },
  },
  {
    name: "a review needs its run and its block, a finding its review",
    async run({ store }) {
      await seedRun(store);
      await expectRefusal(store.commit([insert(aReview("rev_a", { runId: "run_x" }))]), "not_found");
      await expectRefusal(store.commit([insert(aReview("rev_a", { blockId: "tsk_x" }))]), "not_found");
      await expectRefusal(store.commit([insert(aReview("rev_a"), anItem("one", { reviewId: "rev_x" }))]), "not_found");
      expect(await store.reviews.get(WS, "rev_a")).toBeNull();
    },
  },
];

const changeCases: readonly StoreCase[] = [
  {
    name: "a review's status changes from one of those that are expected, and from no other",
    async run({ store }) {
      await seedReview(store);
      const refused = [["incorporating"], ["incorporating", "exceeded", "superseded"], []] as const;
      for (const from of refused) await expectRefusal(store.commit([setStatus("rev_a", from, "incorporated")]), "stale_revision");
      expect(await store.reviews.get(WS, "rev_a")).toEqual(aReview("rev_a"));
      await store.commit([setStatus("rev_a", ["exceeded", "ready"], "incorporating")]);
      await expectRefusal(store.commit([setStatus("rev_a", ["ready"], "incorporating")]), "stale_revision");
      await store.commit([setStatus("rev_a", ["incorporating"], "incorporating"), setStatus("rev_a", ["incorporating"], "superseded")]);
      expect(await store.reviews.get(WS, "rev_a")).toEqual(aReview("rev_a", { status: "superseded" }));
      await expectRefusal(store.commit([setStatus("rev_x", ["ready"], "superseded")]), "not_found");
    },
  },
  {
    name: "a finding is answered by itself, as often as people like, while its review is ready or exceeded",
    async run({ store }) {
      await seedReview(store);
      await store.commit([answer("two")]);
      await store.commit([answer("one", "First")]);
      await store.commit([answer("one", "Second"), setStatus("rev_a", ["ready"], "exceeded"), answer("two", null)]);
      expect(await store.reviews.items(WS, "rev_a")).toEqual([
        anItem("one", { status: "answered", reply: "Second" }),
        anItem("two", { status: "dismissed", reply: null, position: 1 }),
      ]);
      expect(await store.reviews.get(WS, "rev_a")).toEqual(aReview("rev_a", { status: "exceeded" }));
    },
  },
  {
    name: "a review that is worked on or closed is frozen: its findings stay as they are",
    async run({ store }) {
      await seedReview(store);
      let from: Review["status"] = "ready";
      for (const status of ["incorporating", "reviewing", "incorporated", "superseded"] as const) {
        // Frozen by the same commit, and by an earlier one.
        await expectRefusal(store.commit([setStatus("rev_a", [from], status), answer("one")]), "review_frozen");
        expect((await store.reviews.get(WS, "rev_a"))?.status).toBe(from);
        await store.commit([setStatus("rev_a", [from], status)]);
        await expect(store.commit([answer("one")])).rejects.toMatchObject({ code: "review_frozen", details: { reviewId: "rev_a" } });
        from = status;
      }
      expect((await store.reviews.items(WS, "rev_a")).map(({ status }) => status)).toEqual(["open", "open"]);
      await expectRefusal(store.commit([answer("nine")]), "not_found");
    },
  },
  {
    name: "a finding that is not there, or of another review, is not answered",
    async run({ store }) {
      await seedReview(store);
      await store.commit([insert(aReview("rev_b"), anItem("three", { reviewId: "rev_b" }))]);
      await expectRefusal(store.commit([answer("nine")]), "not_found");
      await expectRefusal(store.commit([answer("three")]), "not_found");
      await expectRefusal(store.commit([answer("one", "Yes", { reviewId: "rev_x" })]), "not_found");
    },
  },
  {
    name: "no read and no write of another workspace reaches a review",
    async run({ store }) {
      await seedReview(store);
      await store.commit([{ change: "insert-workspace", workspace: aWorkspace("ws_b") }]);
      expect([await store.reviews.get("ws_b", "rev_a"), await store.reviews.items("ws_b", "rev_a")]).toEqual([null, []]);
      expect(await store.reviews.latest("ws_b", TASK, "requirements-review")).toBeNull();
      const foreign = { ...setStatus("rev_a", ["ready"], "superseded"), workspaceId: "ws_b" } as Change;
      await expectRefusal(store.commit([foreign]), "not_found");
      await expectRefusal(store.commit([answer("one", "Yes", { workspaceId: "ws_b" })]), "not_found");
      await expectRefusal(store.commit([insert(aReview("rev_c", { workspaceId: "ws_b" }))]), "not_found");
      expect((await store.reviews.items(WS, "rev_a"))[0]?.status).toBe("open");
      await store.commit(boardOf("ws_c"));
      await store.commit([insert(aReview("rev_c"), anItem("one", { reviewId: "rev_c" }))]);
      expect(await store.reviews.get("ws_c", "rev_c")).toBeNull();
    },
  },
  {
    name: "of many commits that take a review from one status over two connections, one lands",
    async run({ store, connect }) {
      await seedReview(store);
      const stores = [store, await connect()];
      const attempts = Array.from({ length: 8 }, (_, index) =>
        (stores[index % 2] ?? store).commit([
          { change: "put-output", workspaceId: WS, runId: "run_a", key: `by-${index}`, text: "x" },
          setStatus("rev_a", ["ready"], "incorporating"),
        ]),
      );
      const outcomes = await Promise.allSettled(attempts);
      const landed = outcomes.flatMap(({ status }, index) => (status === "fulfilled" ? [`by-${index}`] : []));
      expect(landed).toHaveLength(1);
      const outputs = await store.outputs.getMany(
        WS,
        Array.from(attempts, (_, index) => `by-${index}`),
      );
      expect([...outputs.keys()]).toEqual(landed);
    },
  },
];

const historyCases: readonly StoreCase[] = [
  {
    name: "RVW-02 the history of a block's reviews of a kind is read newest first, a page at a time",
    async run({ store }) {
      await seedRun(store);
      await store.commit([
        insert(aReview("rev_1", { createdAt: 40 })),
        insert(aReview("rev_2", { createdAt: 50, iteration: 2 })),
        insert(aReview("rev_3", { createdAt: 50, iteration: 3 })),
        insert(aReview("rev_other", { createdAt: 60, kind: "clarity-review" })),
      ]);
      const { kind } = aReview("rev_1");
      const first = await store.reviews.history(WS, TASK, kind, { limit: 2 });
      expect(first.map(({ id }) => id)).toEqual(["rev_3", "rev_2"]);
      expect((await store.reviews.history(WS, TASK, kind, { limit: 2, after: "rev_2" })).map(({ id }) => id)).toEqual(["rev_1"]);
      expect(await store.reviews.history("ws_b", TASK, kind, { limit: 2 })).toEqual([]);
      await expectRefusal(store.reviews.history(WS, TASK, kind, { limit: 2, after: "rev_none" }), "validation");
    },
  },
  {
    name: "RVW-04 a commit that needs every finding answered is refused while one is open, and writes nothing",
    async run({ store }) {
      await seedReview(store);
      const fold: readonly Change[] = [
        { change: "keep-review-answered", workspaceId: WS, reviewId: "rev_a" },
        setStatus("rev_a", ["ready"], "incorporating"),
      ];
      await store.commit([answer("one")]);
      await expectRefusal(store.commit(fold), "validation");
      expect((await store.reviews.get(WS, "rev_a"))?.status).toBe("ready");
      await store.commit([answer("two", null)]);
      await store.commit(fold);
      expect((await store.reviews.get(WS, "rev_a"))?.status).toBe("incorporating");
    },
  },
];

export const reviewCases: readonly StoreCase[] = [...historyCases, ...readCases, ...changeCases];
