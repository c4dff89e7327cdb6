/** pg-boss and the rows of wake-ups stay consistent under concurrency and crashes (ADR 17). */
import type { Change, Log } from "@millrace/kernel";
import { openNodeDatabase, type NodeDatabase, type NodeDatabaseOptions } from "@millrace/runtime-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WS, aBlock, aRecord, aRunEvent, boardOf } from "@millrace/testing/internal/store-fixtures";
import { silentLog } from "@millrace/testing";
import { connect } from "@millrace/testing/internal/postgres-server";
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";

let server: PostgresServer;
let url = "";
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  url = await server.createDatabase();
});

const warned: string[] = [];
const log: Log = { info: () => undefined, warn: (event, fields) => void warned.push(`${event} ${JSON.stringify(fields)}`) };
afterEach(() => {
  // Maintenance tasks of pg-boss use the same connection and may warn as well.
  const failed = warned.splice(0).filter((line) => line.startsWith("queue-failed"));
  if (failed.length > 0) throw new Error(failed.join("\n"));
});

const time = { at: 1000 };
const clock = { now: () => time.at };
const LEASE = 100;

async function opened(over: Partial<NodeDatabaseOptions> = {}): Promise<NodeDatabase> {
  const database = await openNodeDatabase({ url, clock, log, ...over });
  onTestFinished(() => database.close());
  return database;
}

const wake = (at: number, runId = "run_0"): Change => ({ change: "wake", workspaceId: WS, runId, at });
const started = (at: number, runId = "run_0"): readonly Change[] => [
  { change: "insert-block", block: aBlock({ id: `tsk_${runId}` }) },
  { change: "insert-run", record: aRecord(runId, { blockId: `tsk_${runId}` }) },
  wake(at, runId),
];
const claim = async ({ wakeups }: NodeDatabase, owner: string) => wakeups.claim({ owner, now: time.at, leaseMs: LEASE, limit: 10 });

interface Job {
  readonly run: string;
  readonly due: number;
}

/** Reads pg-boss's own table: the runs that it would deliver, and when. */
async function jobs(): Promise<readonly Job[]> {
  await using other = await connect(url);
  const { rows } = await other.client.query<Job>(
    "select data->>'runId' as run, (extract(epoch from start_after) * 1000)::float8 as due from millrace_queue.job order by start_after",
  );
  return rows;
}

async function loseJobs(): Promise<void> {
  await using other = await connect(url);
  await other.client.query("delete from millrace_queue.job");
}

it("F:C6 a database with another encoding than UTF8 is refused when it is opened, and nothing is written to it", async () => {
  const latin1 = await server.createDatabase("LATIN1");
  await expect(openNodeDatabase({ url: latin1, log: silentLog })).rejects.toMatchObject({
    code: "config_invalid",
    fix: expect.stringContaining("encoding 'UTF8'") as string,
    details: { encoding: "LATIN1" },
  });
  await using admin = await connect(latin1);
  const { rows } = await admin.client.query("select nspname from pg_namespace where nspname like 'millrace%'");
  expect(rows).toEqual([]);
});

describe("a job", () => {
  it("is sent in the commit that makes its run due, or neither is there", async () => {
    const { store } = await opened();
    await store.commit([...boardOf(WS), ...started(500)]);
    expect(await jobs()).toEqual([{ run: "run_0", due: 500 }]);
    await expect(
      store.commit([wake(600), { change: "insert-run", record: aRecord("run_1", { blockId: "tsk_run_0" }) }]),
    ).rejects.toMatchObject({
      code: "run_in_progress",
    });
    expect(await jobs()).toEqual([{ run: "run_0", due: 500 }]);
  });

  it("is not sent by who works on the run; the release sends what is due then", async () => {
    const a = await opened();
    await a.store.commit([...boardOf(WS), ...started(500)]);
    const [held] = await claim(a, "a");
    if (held === undefined) throw new Error("nothing was claimed");
    await a.store.commit([wake(700)]);
    await a.store.commit([wake(800)]);
    expect(await jobs()).toEqual([]);
    await a.wakeups.release(held);
    expect(await jobs()).toEqual([{ run: "run_0", due: 800 }]);
  });

  it("of a run that a driver works on is dropped, and the release sends another", async () => {
    const a = await opened();
    const b = await opened();
    await a.store.commit([...boardOf(WS), ...started(500)]);
    const [held] = await claim(a, "a");
    if (held === undefined) throw new Error("nothing was claimed");
    await b.store.commit([wake(900)]);
    expect(await jobs()).toHaveLength(1);
    expect(await claim(b, "b")).toEqual([]);
    expect(await jobs()).toEqual([]);
    await a.wakeups.release(held);
    expect(await claim(b, "b")).toMatchObject([{ runId: "run_0" }]);
  });

  it("that comes before its run is due by the row is sent again for the right time", async () => {
    const a = await opened();
    await a.store.commit([...boardOf(WS), ...started(500)]);
    await a.store.commit([wake(time.at + 50)]);
    expect(await claim(a, "a")).toEqual([]);
    expect((await jobs()).map(({ due }) => due)).toEqual([time.at + 50]);
  });

  it("of a run that waits for a person leads to nothing", async () => {
    const a = await opened();
    await a.store.commit([...boardOf(WS), ...started(500)]);
    await a.store.commit([{ change: "unwake", workspaceId: WS, runId: "run_0" }]);
    expect(await claim(a, "a")).toEqual([]);
    expect(await jobs()).toEqual([]);
  });
});

describe("a run that is due is found", () => {
  it("when its worker died: by its lease", async () => {
    const a = await opened();
    const b = await opened();
    await a.store.commit([...boardOf(WS), ...started(500)]);
    await claim(a, "a");
    expect(await claim(b, "b")).toEqual([]);
    time.at += LEASE;
    expect(await claim(b, "b")).toMatchObject([{ runId: "run_0", owner: "b" }]);
  });

  it("when its job was lost: by its row", async () => {
    const a = await opened();
    await a.store.commit([...boardOf(WS), ...started(500), ...started(500, "run_1")]);
    await loseJobs();
    expect((await claim(a, "a")).map(({ runId }) => runId).toSorted()).toEqual(["run_0", "run_1"]);
  });

  it("when its job was lost and the queue is never empty: by its row, a few seconds later", async () => {
    const a = await opened();
    const next = async () => (await a.wakeups.claim({ owner: "a", now: time.at, leaseMs: 1_000_000, limit: 2 })).map(({ runId }) => runId);
    await a.store.commit([...boardOf(WS), ...started(400, "lost")]);
    await loseJobs();
    await a.store.commit(started(500, "run_1"));
    // The first read of the queue reads the rows as well.
    expect((await next()).toSorted()).toEqual(["lost", "run_1"]);
    await a.store.commit(started(500, "lost_2"));
    await loseJobs();
    await a.store.commit(started(600, "run_2"));
    expect(await next()).toEqual(["run_2"]);
    time.at += 5000;
    await a.store.commit(started(600, "run_3"));
    expect((await next()).toSorted()).toEqual(["lost_2", "run_3"]);
  });

  it("when a lease that had run out is released late: by what the row says, whichever owner it has now", async () => {
    const a = await opened();
    const b = await opened();
    await a.store.commit([...boardOf(WS), ...started(500)]);
    const [stale] = await claim(a, "a");
    if (stale === undefined) throw new Error("nothing was claimed");
    time.at += LEASE;
    const [held] = await claim(b, "b");
    if (held === undefined) throw new Error("nothing was claimed");
    await b.wakeups.release(held);
    await loseJobs();
    await a.wakeups.release(stale);
    expect(await jobs()).toHaveLength(1);
  });

  it("when a commit that sent nothing is slower than the release that follows it", async () => {
    const a = await opened();
    await a.store.commit([...boardOf(WS), ...started(500)]);
    const [held] = await claim(a, "a");
    if (held === undefined) throw new Error("nothing was claimed");
    await using other = await connect(url);
    await other.client.query("begin");
    await other.client.query("select 1 from millrace.blocks for update");
    const slow = a.store.commit([{ change: "patch-block", workspaceId: WS, id: "tsk_run_0", patch: { progress: 0.5 } }, wake(700)]);
    const released = a.wakeups.release(held);
    const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await expect.poll(async () => (await other.client.query(waiting)).rows, { timeout: 20_000 }).toHaveLength(1);
    // Enough round trips for a release that does not wait.
    for (let trip = 0; trip < 20; trip += 1) await other.client.query("select 1");
    await other.client.query("rollback");
    await Promise.all([slow, released]);
    expect(await jobs()).toEqual([{ run: "run_0", due: 700 }]);
  });

  it("when commits, nudges and releases meet, 150 times: no row that nobody holds is without a job", async () => {
    const [a, b] = [await opened({ poolSize: 8 }), await opened({ poolSize: 8 })];
    await a.store.commit([...boardOf(WS), ...started(500)]);
    await using other = await connect(url);
    for (let round = 0; round < 150; round += 1) {
      time.at += 10;
      const [held] = await claim(a, "a");
      if (held === undefined) throw new Error("nothing was claimed");
      // A lock that delays everything below, which then continues in an order that the server chooses.
      await other.client.query("begin");
      await other.client.query("select 1 from millrace.wakeups for update");
      const meeting = [
        () => a.store.commit([wake(time.at + 1)]),
        () => b.store.commit([wake(time.at + 2)]),
        () => a.wakeups.nudge(WS, "run_0", time.at),
        () => a.wakeups.release(held),
      ];
      const turn = round % meeting.length;
      const under = [...meeting.slice(turn), ...meeting.slice(0, turn)].map((one) => one());
      await other.client.query("rollback");
      await Promise.all(under);
      const { rows } = await other.client.query(
        `select row.due_at from millrace.wakeups as row where owner is null and not exists
          (select 1 from millrace_queue.job where data->>'runId' = row.run_id and extract(epoch from start_after) * 1000 <= row.due_at)`,
      );
      expect(rows, `round ${round}`).toEqual([]);
      time.at += 10;
    }
  });
});

describe("signals", () => {
  const quiet = { pollMs: 60_000 };

  it("tell another process that a run is due, and nobody that one is due later", async () => {
    const a = await opened(quiet);
    const b = await opened(quiet);
    await a.store.commit(boardOf(WS));
    const told = Promise.withResolvers<void>();
    let times = 0;
    const hear = (): void => {
      times += 1;
      told.resolve();
    };
    b.onDue(hear, AbortSignal.timeout(20_000));
    await a.store.commit(started(time.at + 1, "later"));
    await a.store.commit(started(500));
    await told.promise;
    // Notifications arrive in commit order, so one about the first commit would have arrived before.
    expect(times).toBe(1);
  });

  it("tell readers in this process and in another that a workspace has new events, and nobody of another workspace", async () => {
    const a = await opened(quiet);
    const b = await opened(quiet);
    await a.store.commit([...boardOf(WS), ...started(500)]);
    await a.store.commit(boardOf("ws_other"));
    const late = new AbortController();
    let others = 0;
    const readers = [a.changed(WS, late.signal), b.changed(WS, late.signal)];
    const other = b.changed("ws_other", late.signal).then(() => (others += 1));
    await a.store.commit([{ change: "append-run-events", workspaceId: WS, runId: "run_0", firstSequence: 1, events: [aRunEvent(1)] }]);
    await Promise.all(readers);
    expect(others).toBe(0);
    late.abort();
    await other;
  });

  it("are taken up again after the connection broke, and those who wait look once more", async () => {
    const a = await opened(quiet);
    await a.store.commit(boardOf(WS));
    const again = Promise.withResolvers<void>();
    await using other = await connect(url);
    const listeners = async (): Promise<readonly unknown[]> =>
      (
        await other.client.query(
          "select pid from pg_stat_activity where application_name = 'millrace-listener' and datname = current_database()",
        )
      ).rows;
    await expect.poll(listeners, { timeout: 20_000 }).toHaveLength(1);
    a.onDue(again.resolve, AbortSignal.timeout(20_000));
    await other.client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'millrace-listener' and datname = current_database()",
    );
    await again.promise;
    const told = Promise.withResolvers<void>();
    const b = await opened(quiet);
    a.onDue(told.resolve, AbortSignal.timeout(20_000));
    await b.store.commit(started(500));
    await told.promise;
  });
});

describe("opening", () => {
  it("an empty database by several processes at once: schemas are made once, and everybody's jobs are found", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => opened({ poolSize: 2 })));
    await all[0]?.store.commit(boardOf(WS));
    for (const [index, { store }] of all.entries()) await store.commit(started(500, `run_${index}`));
    expect(await jobs()).toHaveLength(4);
  });

  it("that may not make the queue's schema says so in a typed error", async () => {
    await using other = await connect(url);
    await other.client.query("create role guest login password 'guest'");
    await other.client.query("create schema board authorization guest");
    const guest = url.replace("postgres:millrace@", "guest:guest@");
    await expect(openNodeDatabase({ url: guest, schema: "board", log: silentLog })).rejects.toMatchObject({ code: "database_unwritable" });
  });

  it("refuses a schema whose queue would not fit, before anything is made", async () => {
    const schema = "s".repeat(41);
    await expect(openNodeDatabase({ url, schema, log: silentLog })).rejects.toMatchObject({ code: "config_invalid" });
    await using other = await connect(url);
    expect((await other.client.query("select 1 from pg_namespace where nspname = $1", [schema])).rows).toEqual([]);
  });
});

it("the password of the URL is in no message", async () => {
  const secret = url.replace(":millrace@", ":wrong-but-secret@");
  const refused: unknown = await openNodeDatabase({ url: secret, log: silentLog }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "database_unwritable" });
  expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain("secret");
});
