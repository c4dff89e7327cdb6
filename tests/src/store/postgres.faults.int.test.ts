/** The PostgreSQL store when its server restarts, its connections break, or other transactions hold locks. */
import { MillraceError, type Change } from "@millrace/kernel";
import { openPostgresStore, type PostgresStoreOptions } from "@millrace/store-sql/postgres";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WS, aBlock, aRecord, boardOf } from "@millrace/testing/internal/store-fixtures";
import { connect } from "@millrace/testing/internal/postgres-server";
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";
import { breakableNetwork } from "./postgres-proxy.fixture.js";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const clock = { now: () => 100 };

async function opened(url: string, over: Partial<PostgresStoreOptions> = {}) {
  const sql = await openPostgresStore({ url, clock, ...over });
  onTestFinished(() => sql.close());
  return sql;
}

/** `count` stores on one database, as many processes have it. */
async function several(url: string, count: number) {
  const all = await Promise.all(Array.from({ length: count }, () => opened(url)));
  return (turn: number) => {
    const one = all[turn % count];
    if (one === undefined) throw new Error("count is at least 1");
    return one;
  };
}

const start = (id: string, blockId: string): Change => ({ change: "insert-run", record: aRecord(id, { blockId }) });
const tasks = (count: number): readonly Change[] =>
  Array.from({ length: count }, (_, index) => ({ change: "insert-block", block: aBlock({ id: `tsk_${index}` }) }));

describe("a connection that breaks", () => {
  it("before a commit's answer arrives: nobody is told that it was not written, and looking shows that it was", async () => {
    await using network = await breakableNetwork(await server.createDatabase());
    const { store } = await opened(network.url, { poolSize: 1 });
    await store.commit([...boardOf(WS), ...tasks(1)]);
    network.breakBefore("COMMIT\0");
    const outcome: unknown = await store.commit([start("run_a", "tsk_0")]).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: "unavailable", details: { outcome: "unknown" } });
    expect(await store.runs.get(WS, "run_a")).toMatchObject({ id: "run_a" });
  });

  it("before a refusal arrives, too: what is not known is not guessed", async () => {
    await using network = await breakableNetwork(await server.createDatabase());
    const { store } = await opened(network.url, { poolSize: 1 });
    await store.commit([...boardOf(WS), ...tasks(1), start("run_a", "tsk_0")]);
    network.breakBefore("ROLLBACK\0");
    await expect(store.commit([start("run_b", "tsk_0")])).rejects.toMatchObject({ code: "unavailable", details: { outcome: "unknown" } });
    await expect(store.commit([start("run_b", "tsk_0")])).rejects.toMatchObject({ code: "run_in_progress" });
  });

  it("under a read is nothing the reader hears of", async () => {
    await using network = await breakableNetwork(await server.createDatabase());
    const { store } = await opened(network.url, { poolSize: 1 });
    await store.commit(boardOf(WS));
    network.breakBefore("SELECT");
    expect(await store.workspaces.get(WS)).toMatchObject({ id: WS });
    network.breakAll();
    expect(await store.workspaces.get(WS)).toMatchObject({ id: WS });
  });

  it.each(["fast", "immediate"] as const)(
    "with its server, which comes back after a restart that is %s: the store goes on by itself",
    async (how) => {
      const { store } = await opened(await server.createDatabase(), { reconnectMs: 20_000 });
      await store.commit([...boardOf(WS), ...tasks(2)]);
      await Promise.all(Array.from({ length: 10 }, () => store.workspaces.get(WS)));
      await server.restart(how);
      await store.commit([start("run_a", "tsk_0")]);
      expect(await store.runs.get(WS, "run_a")).toMatchObject({ id: "run_a" });
    },
  );
});

describe("transactions that meet", () => {
  it("in a deadlock are sent again: no caller hears of it", async () => {
    const at = await several(await server.createDatabase(), 2);
    const { store } = at(0);
    await store.commit([...boardOf(WS), ...tasks(6)]);
    const patch = (index: number, progress: number): Change => ({
      change: "patch-block",
      workspaceId: WS,
      id: `tsk_${index}`,
      patch: { progress },
    });
    const order = [0, 1, 2, 3, 4, 5];
    const commits = Array.from({ length: 20 }, (_, turn) =>
      at(turn).store.commit((turn % 2 === 0 ? order : order.toReversed()).map((index) => patch(index, turn / 20))),
    );
    expect((await Promise.allSettled(commits)).filter(({ status }) => status === "rejected")).toEqual([]);
    const progress = await Promise.all(order.map(async (index) => (await store.blocks.get(WS, `tsk_${index}`))?.progress));
    expect(new Set(progress).size).toBe(1);
  });

  it("for longer than the lock timeout: the commit is refused as busy, and the next one is not", async () => {
    const url = await server.createDatabase();
    const { store } = await opened(url, { lockTimeoutMs: 50 });
    await store.commit([...boardOf(WS), ...tasks(1)]);
    await using holder = await connect(url);
    await holder.client.query("begin");
    await holder.client.query("update millrace.blocks set title = 'held' where id = 'tsk_0'");
    const move: Change = { change: "patch-block", workspaceId: WS, id: "tsk_0", patch: { progress: 0.5 } };
    await expect(store.commit([move])).rejects.toMatchObject({ code: "database_busy", details: { sqlstate: "55P03" } });
    await holder.client.query("rollback");
    await store.commit([move]);
  });

  it("at the queue of wake-ups: no run is handed out twice", async () => {
    const at = await several(await server.createDatabase(), 3);
    const ids = Array.from({ length: 30 }, (_, index) => `run_${index}`);
    await at(0).store.commit([
      ...boardOf(WS),
      ...tasks(30),
      ...ids.flatMap((id, index): readonly Change[] => [
        start(id, `tsk_${index}`),
        { change: "wake", workspaceId: WS, runId: id, at: index },
      ]),
    ]);
    const claim = async (turn: number, limit: number): Promise<readonly string[]> =>
      (await at(turn).wakeups.claim({ owner: `driver_${turn}`, now: 100, leaseMs: 1000, limit })).map(({ runId }) => runId);
    const taken = (await Promise.all(Array.from({ length: 12 }, (_, turn) => claim(turn, 3)))).flat();
    expect(new Set(taken).size).toBe(taken.length);
    expect([...taken, ...(await claim(12, 30))].toSorted()).toEqual(ids.toSorted());
  });
});

describe("opening", () => {
  it("an empty database by several at once: one migrates, all of them open", async () => {
    const url = await server.createDatabase();
    const all = await Promise.all(Array.from({ length: 4 }, () => opened(url)));
    await all[0]?.store.commit(boardOf(WS));
    for (const { store } of all) expect(await store.workspaces.get(WS)).toMatchObject({ id: WS });
  });

  it("one that a later version wrote is refused, and left as it was", async () => {
    const url = await server.createDatabase();
    await (await openPostgresStore({ url, clock })).close();
    await using other = await connect(url);
    await other.client.query("insert into millrace.millrace_migrations values ('9999-later', 0)");
    await expect(openPostgresStore({ url, clock })).rejects.toMatchObject({ code: "database_newer", details: { unknown: ["9999-later"] } });
  });

  it.each([
    ["with tables of another program", "create schema millrace; create table millrace.theirs (id int)"],
    ["that lost a table", "drop table millrace.wakeups"],
  ])("one %s is refused", async (name, change) => {
    const url = await server.createDatabase();
    if (name === "that lost a table") await (await openPostgresStore({ url, clock })).close();
    await using other = await connect(url);
    await other.client.query(change);
    await expect(openPostgresStore({ url, clock })).rejects.toMatchObject({ code: "database_corrupt" });
  });

  it.each([
    ["a wrong password", (url: string) => url.replace(":millrace@", ":hunter2@"), "database_unwritable"],
    ["a database that is not there", (url: string) => `${url}_not`, "database_unwritable"],
    ["a port where nobody listens", (url: string) => url.replace(/:\d+\//, ":1/"), "unavailable"],
    ["another protocol", (url: string) => url.replace("postgres:", "ftp:"), "config_invalid"],
  ])("%s says so, and never the password", async (_name, spoil, code) => {
    const url = spoil(await server.createDatabase());
    const error: unknown = await openPostgresStore({ url, clock }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, fix: expect.any(String) });
    if (!(error instanceof MillraceError)) throw new Error("not an error of ours");
    expect(JSON.stringify(error.toEnvelope())).not.toMatch(/hunter2|:millrace@/);
  });

  it("once closed, every call says so; closing again is harmless", async () => {
    const sql = await openPostgresStore({ url: await server.createDatabase(), clock });
    await sql.close();
    await sql.close();
    await expect(sql.store.workspaces.get(WS)).rejects.toMatchObject({ code: "unavailable" });
    await expect(sql.store.commit(boardOf(WS))).rejects.toMatchObject({ code: "unavailable" });
  });
});
