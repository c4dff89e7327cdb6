import { MillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import type { CommitStatement } from "../commit/commit-statement.js";
import { BatchQueue } from "./batch-queue.js";

const batch = (name: string): readonly CommitStatement[] => [{ sql: name, values: [] }];

/** A database that does all of a transaction or none: `bad` is refused, `held` finds it locked. */
function aQueue() {
  const done: string[] = [];
  const transactions: (readonly string[])[] = [];
  const queue = new BatchQueue((statements) => {
    const names = statements.map(({ sql }) => sql);
    transactions.push(names);
    if (names.includes("held")) throw new MillraceError("database_busy", "locked");
    if (names.includes("bad")) throw new MillraceError("stale_revision", "moved");
    done.push(...names);
  });
  const ask = async (name: string): Promise<string> => {
    try {
      await queue.add(batch(name));
      return done.includes(name) ? "in" : "told too early";
    } catch (error) {
      return error instanceof MillraceError ? error.code : "no code";
    }
  };
  return { queue, ask, done, transactions };
}

describe("batches of one turn of the event loop", () => {
  it("share a transaction, in the order in which they were asked for", async () => {
    const { ask, transactions } = aQueue();
    expect(await Promise.all(["a", "b", "c"].map(ask))).toEqual(["in", "in", "in"]);
    expect(await ask("d")).toBe("in");
    expect(transactions).toEqual([["a", "b", "c"], ["d"]]);
  });

  it("do not touch each other: a refused one learns why, alone", async () => {
    const { ask, done } = aQueue();
    expect(await Promise.all(["a", "bad", "c"].map(ask))).toEqual(["in", "stale_revision", "in"]);
    expect(done).toEqual(["a", "c"]);
  });

  it("wait for a lock once, not once each", async () => {
    const { ask, done, transactions } = aQueue();
    expect(await Promise.all(["a", "held", "c"].map(ask))).toEqual(["database_busy", "database_busy", "database_busy"]);
    expect([done, transactions]).toEqual([[], [["a", "held", "c"]]]);
  });

  it("are at most 64 in a transaction", async () => {
    const { ask, transactions } = aQueue();
    const names = Array.from({ length: 150 }, (_, index) => String(index));
    expect(new Set(await Promise.all(names.map(ask)))).toEqual(new Set(["in"]));
    expect(transactions.map(({ length }) => length)).toEqual([64, 64, 22]);
    expect(transactions.flat()).toEqual(names);
  });

  it("are done at once when the connection is about to be used", async () => {
    const { queue, ask, transactions } = aQueue();
    const asked = [ask("a"), ask("b")];
    queue.flush();
    expect(transactions).toEqual([["a", "b"]]);
    expect(await Promise.all(asked)).toEqual(["in", "in"]);
    queue.flush();
    expect(transactions).toHaveLength(1);
  });
});
