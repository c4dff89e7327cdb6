import type { Change } from "@millrace/kernel";
import { expect, it } from "vitest";
import { WS, board, transition } from "../records.fixture.js";
import { sqliteCompiler } from "../sqlite/compiler.js";
import { sqliteDialect } from "../sqlite/sqlite-dialect.js";
import { createPlanner } from "./plan.js";

const plan = createPlanner({ db: sqliteCompiler(), dialect: sqliteDialect }, { now: () => 1000 });
const MORE = { sql: "more", values: [] };

/** The tables a commit is checked against after its changes, each with the id. */
function checked(changes: readonly Change[]): readonly string[] {
  const statements = plan(changes, [MORE]);
  const after = statements.slice(statements.findIndex(({ sql }) => sql === MORE.sql) + 1);
  return after.map(({ sql, values }) => `${/from "(\w+)"/.exec(sql)?.[1]} ${values.at(-1)}`);
}

const wake = (runId: string): Change => ({ change: "wake", workspaceId: WS, runId, at: 1 });
const output = (runId: string): Change => ({ change: "put-output", workspaceId: WS, runId, key: "one", text: "" });

it("a row that changes need is checked once, after all of them and after what the host adds", () => {
  expect(checked([wake("run_a"), output("run_a"), wake("run_b")])).toEqual(["runs run_a", "runs run_b"]);
});

it("a row that the commit writes is not checked, wherever it is written", () => {
  expect(checked(transition("run_a", 1))).toEqual([]);
  expect(checked(transition("run_a", 1).toReversed())).toEqual([]);
  expect(checked([...transition("run_a", 1), wake("run_b")])).toEqual(["runs run_b"]);
  expect(checked(board(2))).toEqual([]);
});

it("a row of the same id in another table is another row", () => {
  const move: Change = { change: "move-block", workspaceId: WS, id: "tsk_0", parentId: "run_a" };
  expect(checked([...transition("run_a", 1), move])).toEqual(["blocks run_a"]);
});
