import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "@millrace/testing/internal/postgres-server";
import { runFleet, type FleetOutcome } from "./fleet.fixture.js";
import { postgresServer } from "./postgres-database.fixture.js";
import { verifyFleet } from "./verify/verify.fixture.js";

/** A small fleet; `tooling/kill-fleet/run.ts --database postgres` takes any number of runs, kills and faults. */
const LIMIT_MS = 240_000;

const resources = new AsyncDisposableStack();
let folder: string;
let outcome: FleetOutcome;
let copies = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const database = resources.use(await postgresServer(3, { durable: true }));
  const cache = join(folder, "compiled");
  outcome = await runFleet({ database, cache, runs: 30, kills: 10, restarts: 2, drops: 5, seed: 7, limitMs: LIMIT_MS });
}, 280_000);
afterAll(() => resources.disposeAsync());

describe("a fleet on a PostgreSQL server", () => {
  it("loses nothing and does nothing twice while workers are killed, the server restarts and connections drop", () => {
    expect(outcome.violations).toEqual([]);
    const { kills, happened, workersStarted } = outcome;
    expect({ kills, workersStarted }).toEqual({ kills: 10, workersStarted: 13 });
    expect(happened).toMatchObject({ immediate: 1, fast: 1 });
    expect(happened.terminated + happened.cut).toBe(5);
    expect(Math.max(...outcome.inFlight)).toBeGreaterThan(15);
    const { ledger, acknowledged } = outcome.evidence;
    expect(ledger.merges.length).toBeGreaterThan(12);
    expect(acknowledged.length).toBeGreaterThan(5);
  });

  it("is told apart from one whose executor keeps no keys: work that is done twice is noticed", async () => {
    await using database = await postgresServer(1, {});
    const cache = join(folder, "compiled");
    const sabotaged = { lostReplies: 0.6, forgetsKeys: true };
    const { violations, evidence } = await runFleet({ database, cache, runs: 6, kills: 0, seed: 7, limitMs: 30_000, ...sabotaged });

    expect(evidence.ledger.lostReplies).toBeGreaterThan(0);
    expect(violations).toContainEqual(expect.objectContaining({ is: "twice", rule: "performed" }));
  }, 120_000);
});

/** Violations, as `is rule`, in a copy of the database that `statements` changed. Each statement must change something. */
async function judgedWith(...statements: readonly string[]): Promise<readonly string[]> {
  const url = new URL(outcome.evidence.database);
  const original = url.pathname.slice(1);
  const copy = `copy_${(copies += 1)}`;
  url.pathname = "postgres";
  await using admin = await connect(url.href);
  await admin.client.query(`create database ${copy} template ${original}`);
  url.pathname = copy;
  await using direct = await connect(url.href);
  // Disables foreign key checks.
  await direct.client.query("set search_path = millrace; set session_replication_role = replica");
  for (const statement of statements) expect((await direct.client.query(statement)).rowCount).toBeGreaterThan(0);
  return (await verifyFleet({ ...outcome.evidence, database: url.href })).map(({ is, rule }) => `${is} ${rule}`);
}

const typeOf = "entry::json -> 'event' ->> 'type'";
const A_MERGED_RUN = `(select run_id from events where ${typeOf} = 'merged' order by cursor limit 1)`;
const A_RETRIED_RUN = "(select document::json ->> 'supersedes' from runs where document::json ->> 'supersedes' is not null limit 1)";
const AN_INDEX = "(select indexrelid from pg_index where indrelid = 'millrace.workspaces'::regclass limit 1)";

describe("the verification of a PostgreSQL database", () => {
  it.each([
    ["an event is gone", "lost gapless", `delete from events where run_id = ${A_MERGED_RUN} and sequence = 4`],
    ["a stored run is not what its events say", "wrong revision", `update runs set revision = revision + 1 where id = ${A_MERGED_RUN}`],
    [
      "the log has another order than the runs",
      "twice live-run",
      `update events set tx = tx + 1000000 where ${typeOf} = 'run-failed' and run_id = ${A_RETRIED_RUN}`,
    ],
    ["a finished run still has a wake-up", "wrong wake-up", `insert into wakeups select workspace_id, id, 1, null, null, 0 from runs`],
    ["usage is counted twice", "wrong usage", "update usage set input_tokens = 2 * input_tokens"],
    ["an output is another text", "wrong output", "update outputs set content = content || '.'"],
    ["a row points nowhere", "wrong integrity", `delete from blocks where run_id = ${A_MERGED_RUN}`],
  ])("notices that %s", async (_name, rule, statement) => {
    expect(await judgedWith(statement)).toContain(rule);
  });

  it("notices that an index lacks a row", async () => {
    const found = await judgedWith(
      `update pg_index set indisready = false where indexrelid = ${AN_INDEX}`,
      'insert into workspaces select (json_populate_record(w, \'{"id": "ws_unseen"}\')).* from workspaces w',
      `update pg_index set indisready = true where indexrelid = ${AN_INDEX}`,
    );
    expect(found).toEqual(["wrong integrity"]);
  });
});
