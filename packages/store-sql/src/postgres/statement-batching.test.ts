import { describe, expect, it } from "vitest";
import type { CommitStatement } from "../commit/commit-statement.js";
import { StatementCache, batched, sequential } from "./statement-batching.logic.js";

const touch = (name: string, tables: CommitStatement["tables"], over: Partial<CommitStatement> = {}): CommitStatement => ({
  sql: `${name} $1`,
  values: [name],
  ...(tables === undefined ? {} : { tables }),
  ...over,
});
const textsOf = (steps: readonly CommitStatement[]): readonly string[] => batched(steps, new StatementCache()).map(({ sql }) => sql);

/** A statement about one row of its own: by itself with a value, together with others over a row set. */
const row = (table: "runs" | "blocks", value: string): CommitStatement =>
  touch(`one ${table}`, [table], {
    values: [value],
    bulk: { sql: `many ${table}`, values: [], rowSet: { name: `${table}_rows`, sql: `unnest $1 $2`, rows: [[value, 1]] } },
  });

it("statements on different tables become one, their values in a row", () => {
  const [sent, ...others] = batched(
    [touch("a", ["runs"]), touch("b", ["events", "outputs"]), touch("c", ["blocks"])],
    new StatementCache(),
  );
  expect(others).toEqual([]);
  expect(sent).toEqual({ sql: 'with "statement_0" as (a $1), "statement_1" as (b $2) c $3', values: ["a", "b", "c"], origin: null });
});

it("a statement comes after every one that touches its tables, and passes those that do not", () => {
  expect(textsOf([touch("a", ["runs"]), touch("b", ["events", "runs"]), touch("c", ["blocks"])])).toEqual([
    'with "statement_0" as (a $1) c $2',
    "b $1",
  ]);
  expect(textsOf([touch("a", ["runs"]), touch("b", ["events", "runs"]), touch("c", ["events"])])).toEqual(["a $1", "b $1", "c $1"]);
});

it("nothing passes a statement that states no tables", () => {
  expect(textsOf([touch("a", ["runs"]), touch("b", undefined), touch("c", ["events"])])).toEqual(["a $1", "b $1", "c $1"]);
  expect(textsOf([row("runs", "1"), touch("b", undefined), row("runs", "2")])).toEqual(["one runs $1", "b $1", "one runs $1"]);
});

it("statements of one group share their tables; those of another group do not", () => {
  const [own, another] = [{ group: {} }, { group: {} }];
  const steps = [touch("a", ["usage"], own), touch("b", ["usage"], own), touch("c", ["usage"], another)];
  expect(textsOf(steps)).toEqual(['with "statement_0" as (a $1) b $2', "c $1"]);
});

it("CTEs of a statement are part of its text, also when it is sent alone", () => {
  const statement = touch("guard", ["runs"], { ctes: [{ name: "moved", sql: "update $1 $2", values: [1, 2] }] });
  const expected = { sql: 'with "moved" as (update $1 $2) guard $3', values: [1, 2, "guard"], origin: statement };
  expect(sequential([statement], new StatementCache())).toEqual([expected]);
  expect(batched([statement], new StatementCache())).toEqual([expected]);
});

describe("equal statements of several commits", () => {
  it("become one over the rows of all, column by column", () => {
    expect(batched([row("runs", "1"), row("blocks", "x"), row("runs", "2"), row("blocks", "y")], new StatementCache())).toEqual([
      {
        sql: 'with "runs_rows" as (unnest $1 $2), "statement_0" as (many runs), "blocks_rows" as (unnest $3 $4) many blocks',
        values: [
          ["1", "2"],
          [1, 1],
          ["x", "y"],
          [1, 1],
        ],
        origin: null,
      },
    ]);
  });

  it("use the bulk form too where only a neighbour is merged, so that few texts are prepared", () => {
    const cache = new StatementCache();
    const both = batched([row("runs", "1"), row("blocks", "x"), row("runs", "2"), row("blocks", "y")], cache);
    const [one] = batched([row("runs", "1"), row("blocks", "x"), row("runs", "2")], cache);
    expect(one?.sql).toBe(both[0]?.sql);
    expect(one?.values).toEqual([["1", "2"], [1, 1], ["x"], [1]]);
  });

  it("are not merged past another statement that touches their tables", () => {
    const between = touch("b", ["runs"]);
    expect(textsOf([row("runs", "1"), between, row("runs", "2")])).toEqual(["one runs $1", "b $1", "one runs $1"]);
  });

  it("keep the plain form alone", () => {
    const lone = row("runs", "1");
    expect(batched([lone], new StatementCache())).toEqual([{ sql: "one runs $1", values: ["1"], origin: lone }]);
  });
});

it("a statement that only verifies is replaced by its fallback when statements are sent one by one", () => {
  const fallback = [touch("take", ["usage"]), touch("hold", ["usage"])];
  const kept = touch("look", ["usage"], { fallback });
  expect(textsOf([kept])).toEqual(["look $1"]);
  expect(sequential([kept], new StatementCache()).map(({ sql, origin }) => [sql, origin])).toEqual([
    ["take $1", fallback[0]],
    ["hold $1", fallback[1]],
  ]);
});
