import type { Change } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import type { Step } from "../connection.js";
import { Texts, inMoments, inTurn } from "./moments.logic.js";

const touch = (name: string, tables: Step["tables"], over: Partial<Step> = {}): Step => ({
  sql: `${name} $1`,
  values: [name],
  ...(tables === undefined ? {} : { tables }),
  ...over,
});
const textsOf = (steps: readonly Step[]): readonly string[] => inMoments(steps, new Texts()).map(({ sql }) => sql);

/** A step about one row of its own: by itself with a value, together with others about given rows. */
const row = (table: "runs" | "blocks", value: string): Step =>
  touch(`one ${table}`, [table], {
    values: [value],
    many: { sql: `many ${table}`, values: [], given: { name: `${table}_rows`, sql: `unnest $1 $2`, rows: [[value, 1]] } },
  });

it("steps of different tables are one statement, their values in a row", () => {
  const [sent, ...others] = inMoments([touch("a", ["runs"]), touch("b", ["events", "outputs"]), touch("c", ["blocks"])], new Texts());
  expect(others).toEqual([]);
  expect(sent).toEqual({ sql: 'with "step_0" as (a $1), "step_1" as (b $2) c $3', values: ["a", "b", "c"], step: null });
});

it("a step comes behind whatever touches its tables, and passes what does not", () => {
  expect(textsOf([touch("a", ["runs"]), touch("b", ["events", "runs"]), touch("c", ["blocks"])])).toEqual([
    'with "step_0" as (a $1) c $2',
    "b $1",
  ]);
  expect(textsOf([touch("a", ["runs"]), touch("b", ["events", "runs"]), touch("c", ["events"])])).toEqual(["a $1", "b $1", "c $1"]);
});

it("nothing passes a step that tells no tables", () => {
  expect(textsOf([touch("a", ["runs"]), touch("b", undefined), touch("c", ["events"])])).toEqual(["a $1", "b $1", "c $1"]);
  expect(textsOf([row("runs", "1"), touch("b", undefined), row("runs", "2")])).toEqual(["one runs $1", "b $1", "one runs $1"]);
});

it("steps of one change share their tables; those of another change do not", () => {
  const change: Change = { change: "reserve-spend", workspaceId: "ws", runId: "run", micros: 1, caps: [] };
  const [own, another] = [{ group: change }, { group: { ...change } }];
  const steps = [touch("a", ["usage"], own), touch("b", ["usage"], own), touch("c", ["usage"], another)];
  expect(textsOf(steps)).toEqual(['with "step_0" as (a $1) b $2', "c $1"]);
});

it("what a step is with is part of its statement, asked alone as well", () => {
  const step = touch("guard", ["runs"], { with: [{ name: "moved", sql: "update $1 $2", values: [1, 2] }] });
  const expected = { sql: 'with "moved" as (update $1 $2) guard $3', values: [1, 2, "guard"], step };
  expect(inTurn([step], new Texts())).toEqual([expected]);
  expect(inMoments([step], new Texts())).toEqual([expected]);
});

describe("the same step of several commits", () => {
  it("is one statement about the rows of all, column by column", () => {
    expect(inMoments([row("runs", "1"), row("blocks", "x"), row("runs", "2"), row("blocks", "y")], new Texts())).toEqual([
      {
        sql: 'with "runs_rows" as (unnest $1 $2), "step_0" as (many runs), "blocks_rows" as (unnest $3 $4) many blocks',
        values: [
          ["1", "2"],
          [1, 1],
          ["x", "y"],
          [1, 1],
        ],
        step: null,
      },
    ]);
  });

  it("is about given rows too where only its neighbour is joined, so that few texts are prepared", () => {
    const texts = new Texts();
    const both = inMoments([row("runs", "1"), row("blocks", "x"), row("runs", "2"), row("blocks", "y")], texts);
    const [one] = inMoments([row("runs", "1"), row("blocks", "x"), row("runs", "2")], texts);
    expect(one?.sql).toBe(both[0]?.sql);
    expect(one?.values).toEqual([["1", "2"], [1, 1], ["x"], [1]]);
  });

  it("does not join one in front of something else that touches its tables", () => {
    const between = touch("b", ["runs"]);
    expect(textsOf([row("runs", "1"), between, row("runs", "2")])).toEqual(["one runs $1", "b $1", "one runs $1"]);
  });

  it("by itself is the plain one", () => {
    const lone = row("runs", "1");
    expect(inMoments([lone], new Texts())).toEqual([{ sql: "one runs $1", values: ["1"], step: lone }]);
  });
});

it("a step that only looks whether there is nothing to do is asked as what there would be to do", () => {
  const otherwise = [touch("take", ["usage"]), touch("hold", ["usage"])];
  const kept = touch("look", ["usage"], { otherwise });
  expect(textsOf([kept])).toEqual(["look $1"]);
  expect(inTurn([kept], new Texts()).map(({ sql, step }) => [sql, step])).toEqual([
    ["take $1", otherwise[0]],
    ["hold $1", otherwise[1]],
  ]);
});
