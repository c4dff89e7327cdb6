import type { Change } from "@millrace/kernel";
import { expect, it } from "vitest";
import type { Step } from "../connection.js";
import { Texts, inMoments, inTurn } from "./moments.logic.js";

const touch = (name: string, tables: Step["tables"], over: Partial<Step> = {}): Step => ({
  sql: `${name} $1`,
  values: [name],
  ...(tables === undefined ? {} : { tables }),
  ...over,
});
const textsOf = (steps: readonly Step[]): readonly string[] => inMoments(steps, new Texts()).map(({ sql }) => sql);

it("steps of different tables are one statement, their values in a row", () => {
  const [sent, ...others] = inMoments([touch("a", ["runs"]), touch("b", ["events", "outputs"]), touch("c", ["blocks"])], new Texts());
  expect(others).toEqual([]);
  expect(sent).toEqual({ sql: 'with "step_0" as (a $1), "step_1" as (b $2) c $3', values: ["a", "b", "c"], step: null });
});

it("a table that was touched before, or a step that tells no tables, begins a new statement", () => {
  expect(textsOf([touch("a", ["runs"]), touch("b", ["events", "runs"]), touch("c", ["blocks"])])).toEqual([
    "a $1",
    'with "step_0" as (b $1) c $2',
  ]);
  expect(textsOf([touch("a", ["runs"]), touch("b", undefined), touch("c", ["events"])])).toEqual(["a $1", "b $1", "c $1"]);
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
