import type { Change, Clock, Store } from "@millrace/kernel";
import { isMillraceError } from "@millrace/kernel";
import fc from "fast-check";
import { expect } from "vitest";
import { WS, aBlock, aRecord, aReview, aSpend, anItem, boardOf } from "@millrace/testing/internal/store-fixtures";
import { createMemoryStore } from "@millrace/testing";

const RUNS = ["run_1", "run_2", "run_3"];
const SCOPES = ["month/1", "month/2", "task/1"];
const STATUSES = ["ready", "incorporating", "exceeded", "superseded"] as const;

const run = fc.constantFrom(...RUNS, "run_x");
const scopes = fc.subarray(SCOPES);
const micros = fc.integer({ min: 0, max: 6 });
const cap = fc.option(fc.integer({ min: 0, max: 20 }));

const reserve = fc
  .record({ runId: run, micros, scopes, max: fc.array(cap, { minLength: 3, maxLength: 3 }), assumedUnchanged: fc.boolean() })
  .map(({ runId, micros: amount, scopes: named, max, assumedUnchanged }): Change => {
    const caps = named.map((scope, index) => ({ scope, maxMicros: max[index] ?? null }));
    return { change: "reserve-spend", workspaceId: WS, runId, micros: amount, caps, assumedUnchanged };
  });
const spend = fc
  .record({ runId: run, key: fc.constantFrom("a", "b", "c", "d", "e", "f"), cost: fc.option(micros), scopes })
  .map(({ runId, key, cost, scopes: named }): Change => {
    return { change: "record-usage", usage: aSpend(key, { runId, costMicros: cost }), scopes: named };
  });
const review = fc
  .record({ id: fc.constantFrom("rev_1", "rev_x"), from: fc.subarray([...STATUSES]), status: fc.constantFrom(...STATUSES) })
  .map((row): Change => ({ change: "set-review-status", workspaceId: WS, ...row }));
const answer = fc
  .record({ id: fc.constantFrom("one", "two", "x"), reply: fc.constantFrom("yes", "no", null) })
  .map((row): Change => ({ change: "answer-review-item", workspaceId: WS, reviewId: "rev_1", status: "answered", ...row }));
const start = fc
  .record({
    number: fc.integer({ min: 4, max: 7 }),
    type: fc.constantFrom("bug", "spike"),
    ofType: fc.boolean(),
    max: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ number, type, ofType, max }): Change => {
    const record = aRecord(`run_${number}`, { blockId: `tsk_${number}`, serviceId: "svc_a", taskType: type });
    return { change: "insert-run", record, limit: { serviceId: "svc_a", taskType: ofType ? type : null, max } };
  });
const commits = fc.array(fc.array(fc.oneof(reserve, spend, reserve, review, answer, start), { minLength: 1, maxLength: 3 }), {
  maxLength: 25,
});

const startOf = (number: number, max: number): Change => ({
  change: "insert-run",
  record: aRecord(`run_${number}`, { blockId: `tsk_${number}`, serviceId: "svc_a" }),
  limit: { serviceId: "svc_a", taskType: null, max },
});
const reserveOf = (runId: string, amount: number): Change => ({
  change: "reserve-spend",
  workspaceId: WS,
  runId,
  micros: amount,
  caps: [{ scope: "month/1", maxMicros: 5 }],
});
const moveReview = (from: (typeof STATUSES)[number]): Change => ({
  change: "set-review-status",
  workspaceId: WS,
  id: "rev_1",
  from: [from],
  status: "incorporating",
});
/** One commit for each refusal, since random histories may miss one. */
const REFUSED: readonly (readonly Change[])[] = [
  [reserveOf("run_1", 6)],
  [reserveOf("run_x", 1)],
  [startOf(4, 4)],
  [startOf(4, 4)],
  [startOf(5, 1)],
  [moveReview("superseded")],
  [moveReview("ready")],
  [{ change: "answer-review-item", workspaceId: WS, reviewId: "rev_1", id: "one", status: "answered", reply: "yes" }],
];

async function seed(store: Store): Promise<void> {
  const numbers = [1, 2, 3, 4, 5, 6, 7];
  await store.commit([
    ...boardOf(WS),
    ...numbers.map((number): Change => ({ change: "insert-block", block: aBlock({ id: `tsk_${number}` }) })),
    ...RUNS.map((id, index): Change => ({ change: "insert-run", record: aRecord(id, { blockId: `tsk_${index + 1}` }) })),
    {
      change: "insert-review",
      review: aReview("rev_1", { runId: "run_1" }),
      items: ["one", "two"].map((id, position) => anItem(id, { reviewId: "rev_1", position })),
    },
  ]);
}

/** Result of a commit, and the rows that the store returns after it. */
async function outcome(store: Store, changes: readonly Change[]): Promise<unknown> {
  const refusal = await store.commit(changes).then(
    () => null,
    (error: unknown) => (isMillraceError(error) ? { code: error.code, details: error.details["scope"] } : error),
  );
  return {
    refusal,
    totals: await Promise.all(SCOPES.map((scope) => store.spend.total(WS, scope))),
    usage: await Promise.all(RUNS.map((id) => store.usage.ofRun(WS, id))),
    review: await store.reviews.get(WS, "rev_1"),
    items: await store.reviews.items(WS, "rev_1"),
    live: (await store.runs.list(WS, { live: true }, { limit: 20 })).map(({ id }) => id),
  };
}

/** Opens an empty store of the other backend. */
export type OpenStore = (clock: Clock) => Promise<AsyncDisposable & { readonly store: Store }>;

/** Expects the memory store and another to agree on random histories of commits about money, reviews and limits. */
export async function expectAgreement(open: OpenStore, numRuns: number): Promise<void> {
  const seen = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(commits, async (history) => {
      const clock = { now: () => 0 };
      await using other = await open(clock);
      const memory = createMemoryStore({ clock });
      for (const { store } of [other, memory]) await seed(store);
      for (const changes of history) {
        const expected = await outcome(memory.store, changes);
        expect(await outcome(other.store, changes)).toEqual(expected);
        seen.add((expected as { refusal: { code: string } | null }).refusal?.code);
      }
    }),
    { numRuns, examples: [[REFUSED.map((changes) => [...changes])]] },
  );
  // The histories must have met every refusal at least once.
  const codes = [undefined, "budget_exhausted", "not_found", "task_limit", "run_in_progress", "stale_revision", "review_frozen"];
  expect(codes.filter((code) => !seen.has(code))).toEqual([]);
}
