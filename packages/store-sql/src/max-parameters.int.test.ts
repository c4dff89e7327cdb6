import type { Change } from "@millrace/kernel";
import { LOG_START } from "@millrace/kernel";
import { expect, it, onTestFinished } from "vitest";
import type { SqlConnection } from "./connection.js";
import { openSqliteConnection } from "./open-sqlite-store.js";
import { WS, aRecord, anEvent, board } from "./records.fixture.js";
import { createSqlStore } from "./sql-store.js";

const clock = { now: () => 1000 };

/** A store over SQLite told to allow that many parameters, and the most a statement has bound. */
async function limitedTo(maxParameters: number) {
  const { connection } = await openSqliteConnection({ path: ":memory:" });
  onTestFinished(() => connection.close());
  let most = 0;
  const saw = (values: readonly unknown[]): void => void (most = Math.max(most, values.length));
  const limited: SqlConnection = {
    db: connection.db,
    dialect: { ...connection.dialect, maxParameters },
    all(statement, args) {
      saw(statement.bind(args));
      return connection.all(statement, args);
    },
    batch(statements, read) {
      for (const { values } of statements) saw(values);
      return connection.batch(statements, read);
    },
  };
  const store = createSqlStore(limited, clock);
  await store.commit([...board(1), { change: "insert-run", record: aRecord("run_a") }]);
  return { store, most: () => most };
}

const MANY = 40;
const steps = Array.from({ length: MANY }, (_, index) => index);
const scopes = steps.map((step) => `scope/${step}`);

const append: Change = { change: "append-run-events", workspaceId: WS, runId: "run_a", firstSequence: 1, events: steps.map(anEvent) };
const reserve = (micros: number, of: readonly string[] = scopes): Change => ({
  change: "reserve-spend",
  workspaceId: WS,
  runId: "run_a",
  micros,
  caps: of.map((scope) => ({ scope, maxMicros: 10 })),
});
const tokens = {
  kind: "coder",
  model: "m",
  tokens: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
  costMicros: 3,
  at: 1,
};
const record: Change = { change: "record-usage", usage: { key: "use_1", workspaceId: WS, runId: "run_a", ...tokens }, scopes };

it("a dialect that allows 100 parameters gets no statement with more, however many rows a commit writes", async () => {
  const { store, most } = await limitedTo(100);
  await store.commit([append, reserve(5), record]);
  await store.outputs.getMany(WS, scopes);
  expect(most()).toBe(100);
  expect((await store.events.read(WS, LOG_START, 100)).map(({ entry }) => entry)).toEqual(steps.map(anEvent));
  const totals = async (): Promise<unknown> => Promise.all(scopes.map((scope) => store.spend.total(WS, scope)));
  expect(await totals()).toEqual(scopes.map(() => ({ settledMicros: 3, reservedMicros: 5 })));
  await store.commit([reserve(6, scopes.slice(0, 1))]);
  expect(await totals()).toEqual(scopes.map((_, index) => ({ settledMicros: 3, reservedMicros: index === 0 ? 6 : 0 })));
  expect(most()).toBe(100);
});

it("by default a statement has as many rows as are worth compiling it for", async () => {
  const { store, most } = await limitedTo(32_766);
  await store.commit([append, reserve(5), record]);
  expect(most()).toBe(32 * 8);
});
