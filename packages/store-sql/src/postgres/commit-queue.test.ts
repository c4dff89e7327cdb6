import { describe, expect, it } from "vitest";
import { CommitQueue, type Commit, type GroupOutcome } from "./commit-queue.js";

const named = (sql: string): Commit => ({ statements: [{ sql, values: [] }], read: { text: sql } });

/** A server that refuses `bad`, loses the connection at `lost`, and ends a transaction when the test says so. */
function aQueue() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const land = async (commits: readonly Commit[], how: string): Promise<GroupOutcome<string>> => {
    const names = commits.flatMap(({ statements }) => statements.map(({ sql }) => sql));
    begun.push(`${how} ${names.join()}`);
    await new Promise<void>((resolve) => void ends.push(resolve));
    if (names.includes("lost")) return { is: "failed", failure: "lost" };
    if (names.includes("bad")) return { is: "failed", failure: "refused" };
    return { is: "landed", answers: commits.map(({ read }) => ({ error: null, rows: [{ of: read?.text }] })) };
  };
  const queue = new CommitQueue<string>({
    together: (commits) => land(commits, "together"),
    alone: async (commit) => {
      const landed = await land([commit], "alone");
      return landed.is === "landed" ? { is: "landed", answer: landed.answers[0] ?? null } : landed;
    },
    isUnknown: (failure) => failure === "lost",
  });
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  /** Ends what was begun, and what is begun then, until nothing is. */
  const drain = async (): Promise<void> => {
    await turn();
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end();
      await turn();
      await turn();
    }
  };
  /** The answer to its read, or its failure. */
  const add = async (name: string): Promise<unknown> => {
    const outcome = await queue.add(named(name));
    return outcome.is === "landed" ? outcome.answer?.rows[0]?.["of"] : outcome.failure;
  };
  return { begun, add, drain, turn };
}

describe("commits that wait at the same time", () => {
  it("share a transaction; a lone one has its own", async () => {
    const { add, drain, begun } = aQueue();
    const all = ["a", "b", "c"].map(add);
    await drain();
    expect(await Promise.all(all)).toEqual(["a", "b", "c"]);
    const lone = add("d");
    await drain();
    expect(await lone).toBe("d");
    expect(begun).toEqual(["together a,b,c", "alone d"]);
  });

  it("do not touch each other: when one is refused, each runs alone", async () => {
    const { add, drain, begun } = aQueue();
    const all = ["a", "bad", "c"].map(add);
    await drain();
    expect(await Promise.all(all)).toEqual(["a", "refused", "c"]);
    expect(begun).toEqual(["together a,bad,c", "alone a", "alone bad", "alone c"]);
  });

  it("share the fate of a lost connection, and none is sent again", async () => {
    const { add, drain, begun } = aQueue();
    const all = ["a", "lost"].map(add);
    await drain();
    expect(await Promise.all(all)).toEqual(["lost", "lost"]);
    expect(begun).toEqual(["together a,lost"]);
  });

  it("wait for a free lane, and gather meanwhile", async () => {
    const { add, drain, begun, turn } = aQueue();
    const all = [];
    for (const name of ["a", "b", "c", "d"]) {
      all.push(add(name));
      await turn();
    }
    expect(begun).toEqual(["alone a", "alone b"]);
    await drain();
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
    expect(begun).toEqual(["alone a", "alone b", "together c,d"]);
  });
});
