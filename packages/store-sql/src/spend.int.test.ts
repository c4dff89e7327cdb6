import type { Change } from "@millrace/kernel";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { createPlanner } from "./commit/plan.js";
import { openSqliteConnection } from "./open-sqlite-store.js";
import { WS, aRecord, board } from "./records.fixture.js";
import { createSqlStore } from "./sql-store.js";
import { statement } from "./statement.js";

const clock = { now: () => 1000 };

function reserve(micros: number, ...scopes: readonly string[]): Change {
  return { change: "reserve-spend", workspaceId: WS, runId: "run_a", micros, caps: scopes.map((scope) => ({ scope, maxMicros: 100 })) };
}

/** A store with one run, how many rows a commit writes, and how many statements it takes. */
async function counted() {
  const { connection } = await openSqliteConnection({ path: ":memory:" });
  onTestFinished(() => connection.close());
  const store = createSqlStore(connection, clock);
  await store.commit([...board(1), { change: "insert-run", record: aRecord("run_a") }]);
  const total = statement<object>()(() => connection.db.selectNoFrom(sql<number>`total_changes()`.as("rows")));
  const rows = async (): Promise<number> => (await connection.all(total, {}))[0]?.rows ?? 0;
  const plan = createPlanner(connection, clock);
  const ofRun: readonly Change[] = [{ change: "update-run", record: aRecord("run_a", 2), expected: 1 }];
  return {
    /** Beside the run it belongs to, as the engine commits it. */
    statements: (change: Change): number => plan([...ofRun, change], []).length - plan(ofRun, []).length,
    written: async (change: Change): Promise<number> => {
      const before = await rows();
      await store.commit([change]);
      return (await rows()) - before;
    },
  };
}

it("a reservation that is already as asked writes nothing; one that moves writes its total and itself", async () => {
  const { written } = await counted();
  expect(await written(reserve(0, "month"))).toBe(0);
  expect(await written(reserve(5, "month"))).toBe(2);
  expect(await written(reserve(5, "month"))).toBe(0);
  expect(await written(reserve(6, "month"))).toBe(2);
  expect(await written(reserve(6, "month", "task"))).toBe(2);
  expect(await written(reserve(6, "task"))).toBe(2);
  expect(await written(reserve(0, "task"))).toBe(2);
  expect(await written(reserve(0, "task"))).toBe(0);
});

it("a reservation takes three statements and one a cap, giving it back two", async () => {
  const { statements } = await counted();
  expect(["month", "task", "run"].map((_, index, all) => statements(reserve(5, ...all.slice(0, index + 1))))).toEqual([4, 5, 6]);
  expect(statements(reserve(0, "month"))).toBe(2);
});

it("usage that is recorded again writes nothing", async () => {
  const { written } = await counted();
  const usage = { key: "use_1", workspaceId: WS, runId: "run_a", kind: "coder", model: "m", tokens: null, at: 1 };
  const record: Change = { change: "record-usage", usage: { ...usage, costMicros: 7 }, scopes: ["month", "task"] };
  expect(await written(record)).toBe(4);
  expect(await written(record)).toBe(0);
});
