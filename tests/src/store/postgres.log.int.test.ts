/** The event log of PostgreSQL under overlapping writers (ADR 16). */
import type { LoggedEvent, Store } from "@millrace/kernel";
import { LOG_START } from "@millrace/kernel";
import { openPostgresStore } from "@millrace/store-sql/postgres";
import fc from "fast-check";
import type { Client } from "pg";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { WS, aBoardEvent, boardOf } from "@millrace/testing/internal/store-fixtures";
import { connect } from "@millrace/testing/internal/postgres-server";
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** A store with a board, and `writers` connections that append to its log directly. */
async function aLog(writers: number) {
  const url = await server.createDatabase();
  const open = () => openPostgresStore({ url, clock: { now: () => 0 } });
  const opened = await open();
  const { store } = opened;
  const clients = await Promise.all(Array.from({ length: writers }, () => connect(url)));
  onTestFinished(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]();
    await opened.close();
  });
  await store.commit(boardOf(WS));
  for (const { client } of clients) await client.query("set search_path = millrace");
  return { url, store, open, clients: clients.map(({ client }) => client) };
}

function append(client: Client, title: string): Promise<unknown> {
  return client.query("insert into events (workspace_id, entry) values ($1, $2)", [WS, JSON.stringify(aBoardEvent(title))]);
}

const nameOf = ({ entry }: LoggedEvent): string => ("name" in entry.event ? entry.event.name : "");
const ends = (log: readonly LoggedEvent[]): string => log.at(-1)?.cursor ?? LOG_START;

it("a reader by sequence alone loses what commits late; ours waits for it and sees it once", async () => {
  const { store, clients } = await aLog(3);
  const [early, late, naive] = clients;
  if (early === undefined || late === undefined || naive === undefined) throw new Error("three clients");
  const sequences = async (after: number): Promise<readonly number[]> =>
    (await naive.query<{ cursor: string }>("select cursor from events where cursor > $1 order by cursor", [after])).rows.map((row) =>
      Number(row.cursor),
    );

  await early.query("begin");
  await append(early, "first in the log, last to commit");
  await append(late, "commits at once");
  const seen = await sequences(0);
  expect(seen).toHaveLength(1);
  expect(await store.events.read(WS, LOG_START, 10)).toEqual([]);

  await early.query("commit");
  expect(await sequences(seen.at(-1) ?? 0)).toEqual([]);
  expect((await store.events.read(WS, LOG_START, 10)).map(nameOf)).toEqual(["first in the log, last to commit", "commits at once"]);
});

it("a transaction of another database holds readers back once it writes, and only until it ends", async () => {
  const { store, clients } = await aLog(1);
  const [writer] = clients;
  if (writer === undefined) throw new Error("one client");
  await using elsewhere = await connect(await server.createDatabase());
  await elsewhere.client.query("begin");
  await elsewhere.client.query("select 1");
  await append(writer, "beside one that reads");
  const log = await store.events.read(WS, LOG_START, 10);
  expect(log.map(nameOf)).toEqual(["beside one that reads"]);

  await elsewhere.client.query("select pg_current_xact_id()");
  await append(writer, "beside one that writes");
  expect(await store.events.read(WS, ends(log), 10)).toEqual([]);
  await elsewhere.client.query("rollback");
  expect((await store.events.read(WS, ends(log), 10)).map(nameOf)).toEqual(["beside one that writes"]);
});

it("a log that was restored into a server that counts from the start again goes on behind its end", async () => {
  const { store, clients, open } = await aLog(1);
  const [writer] = clients;
  if (writer === undefined) throw new Error("one client");
  await append(writer, "before the restore");
  await writer.query("update events set tx = tx + 1000000000");
  const restored = await open();
  onTestFinished(() => restored.close());
  const old = await restored.store.events.read(WS, LOG_START, 10);
  expect(old.map(nameOf)).toEqual(["before the restore"]);
  await append(writer, "after it");
  expect((await restored.store.events.read(WS, ends(old), 10)).map(nameOf)).toEqual(["after it"]);
  const again = await open();
  onTestFinished(() => again.close());
  expect((await again.store.events.read(WS, LOG_START, 10)).map(nameOf)).toEqual(["before the restore", "after it"]);
  expect(await store.events.read(WS, LOG_START, 10)).toHaveLength(2);
});

/** Random interleavings of writers, each of which begins and appends, appends, then commits or rolls back. */
const moves = fc.array(
  fc.record({ writer: fc.integer({ min: 0, max: 3 }), does: fc.constantFrom("append", "append", "commit", "rollback", "read") }),
  { minLength: 5, maxLength: 40 },
);

it("whatever order writers begin, write and end in, a reader that follows sees what was committed, once and in one order", async () => {
  const { store, clients } = await aLog(4);
  let late = 0;
  await fc.assert(
    fc.asyncProperty(moves, async (script) => {
      const open = new Map<number, string[]>();
      const committed: string[] = [];
      const seen: LoggedEvent[] = [];
      const start = ends(await rest(store, LOG_START));
      const cursor = (): string => seen.at(-1)?.cursor ?? start;
      for (const [index, { writer, does }] of script.entries()) {
        const client = clients[writer];
        if (client === undefined) throw new Error("four clients");
        if (does === "read") seen.push(...(await store.events.read(WS, cursor(), 3)));
        else await move(client, writer, does, String(index), open, committed);
        if (committed.length > seen.length && open.size > 0) late += 1;
      }
      for (const writer of open.keys()) await clients[writer]?.query("rollback");
      seen.push(...(await rest(store, cursor())));
      expect(seen.map(nameOf).toSorted()).toEqual(committed.toSorted());
      expect(await rest(store, start)).toEqual(seen);
    }),
    { numRuns: 60 },
  );
  // The histories must contain enough readers that had to wait.
  expect(late).toBeGreaterThan(20);
});

async function move(
  client: Client,
  writer: number,
  does: "append" | "commit" | "rollback",
  title: string,
  open: Map<number, string[]>,
  committed: string[],
): Promise<void> {
  const titles = open.get(writer);
  if (does === "append") {
    if (titles === undefined) await client.query("begin");
    await append(client, title);
    open.set(writer, [...(titles ?? []), title]);
    return;
  }
  if (titles === undefined) return;
  await client.query(does);
  if (does === "commit") committed.push(...titles);
  open.delete(writer);
}

async function rest(store: Store, from: string): Promise<readonly LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  for (let page = 0; page < 100; page += 1) {
    const events = await store.events.read(WS, log.at(-1)?.cursor ?? from, 7);
    if (events.length === 0) return log;
    log.push(...events);
  }
  throw new Error("the log does not end");
}
