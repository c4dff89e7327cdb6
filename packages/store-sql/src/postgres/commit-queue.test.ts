import { describe, expect, it } from "vitest";
import { CommitQueue } from "./commit-queue.js";
import type { Sent } from "./moments.logic.js";

const named = (sql: string): Sent => ({ sql, values: [], step: null });

/** A server that refuses `bad`, loses the connection at `lost`, and ends a transaction when the test says so. */
function aQueue() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const land = async (statements: readonly Sent[], how: string): Promise<string | null> => {
    const names = statements.map(({ sql }) => sql);
    begun.push(`${how} ${names.join()}`);
    await new Promise<void>((resolve) => void ends.push(resolve));
    if (names.includes("lost")) return "lost";
    return names.includes("bad") ? "refused" : null;
  };
  const queue = new CommitQueue<string>({
    together: (statements) => land(statements, "together"),
    alone: (statements) => land(statements, "alone"),
    isUnknown: (failure) => failure === "lost",
  });
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  /** Ends what was begun, and what is begun then, until nothing is. */
  const settle = async (): Promise<void> => {
    await turn();
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end();
      await turn();
      await turn();
    }
  };
  return { begun, add: (name: string) => queue.add(named(name)), settle, turn };
}

describe("commits that wait at the same time", () => {
  it("share a transaction; a lone one has its own", async () => {
    const { add, settle, begun } = aQueue();
    const all = ["a", "b", "c"].map(add);
    await settle();
    expect(await Promise.all(all)).toEqual([null, null, null]);
    const lone = add("d");
    await settle();
    expect(await lone).toBeNull();
    expect(begun).toEqual(["together a,b,c", "alone d"]);
  });

  it("do not touch each other: when one is refused, each runs alone", async () => {
    const { add, settle, begun } = aQueue();
    const all = ["a", "bad", "c"].map(add);
    await settle();
    expect(await Promise.all(all)).toEqual([null, "refused", null]);
    expect(begun).toEqual(["together a,bad,c", "alone a", "alone bad", "alone c"]);
  });

  it("share the fate of a lost connection, and none is sent again", async () => {
    const { add, settle, begun } = aQueue();
    const all = ["a", "lost"].map(add);
    await settle();
    expect(await Promise.all(all)).toEqual(["lost", "lost"]);
    expect(begun).toEqual(["together a,lost"]);
  });

  it("wait for a free lane, and gather meanwhile", async () => {
    const { add, settle, begun, turn } = aQueue();
    const all = [];
    for (const name of ["a", "b", "c", "d"]) {
      all.push(add(name));
      await turn();
    }
    expect(begun).toEqual(["alone a", "alone b"]);
    await settle();
    expect(await Promise.all(all)).toEqual([null, null, null, null]);
    expect(begun).toEqual(["alone a", "alone b", "together c,d"]);
  });
});
