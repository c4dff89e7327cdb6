import { openPostgresStore } from "@millrace/store-sql/postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeStoreConformance } from "@millrace/testing/vitest";
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";

let server: PostgresServer;
let url = "";
let schemas = 0;
beforeAll(async () => {
  // Logs the plan of every executed statement (auto_explain).
  server = await startPostgres({
    settings: ["session_preload_libraries=auto_explain", "auto_explain.log_min_duration=0", "auto_explain.log_timing=off"],
  });
  url = await server.createDatabase();
});
afterAll(() => server.stop());

describeStoreConformance("PostgreSQL", {
  async open(clock) {
    const schema = `test_${(schemas += 1)}`;
    const open = () => openPostgresStore({ url, schema, clock, poolSize: 5 });
    const first = await open();
    const all = [first];
    return {
      ...first,
      async connect() {
        const another = await open();
        all.push(another);
        return another.store;
      },
      async close() {
        for (const opened of all) await opened.close();
      },
    };
  },
});

/** Tables that stay small: system catalogs and the list of migrations. */
const SMALL = /^(pg_|millrace_migrations$)/;
/**
 * Index scans without a condition that end early or see few rows: the next free wake-up, claimed runs, the workspaces at opening and those
 * that are being deleted, the live runs for an operator's counts.
 */
const WALKS = ["wakeups_due", "wakeups_claimed", "workspaces_key", "workspaces_deleting", "runs_live_of_service"];

it("no statement of all these tests was planned to read a whole table or a whole index", () => {
  const plans = server.log().split("Query Text: ").slice(1);
  // Statements of the server itself, when a foreign key is added.
  const own = plans.filter((plan) => !plan.startsWith("SELECT fk."));
  const lines = own.flatMap((plan) => plan.split("\n"));
  const nodes = lines.flatMap((line, at) => {
    const isKeyed = lines[at + 1]?.includes("Index Cond:") === true;
    const [, bitmap] = /Bitmap Index Scan on (\S+)/.exec(line) ?? [];
    if (bitmap !== undefined) return [{ index: bitmap, table: "", isKeyed }];
    const [, index, table] = /(?:Seq Scan|Index(?: Only)? Scan(?: Backward)? using (\S+)) on (\S+)/.exec(line) ?? [];
    return table === undefined ? [] : [{ index: index ?? null, table, isKeyed }];
  });
  const used = new Set(nodes.flatMap(({ index, isKeyed }) => (isKeyed && index !== null ? [index] : [])));
  expect([...used]).toEqual(expect.arrayContaining(["runs_key", "blocks_key", "events_log", "outputs_key", "spend_totals_key"]));
  const walks = nodes.filter(({ table, isKeyed }) => !isKeyed && !SMALL.test(table)).map(({ index, table }) => index ?? table);
  expect([...new Set(walks)].filter((name) => !WALKS.includes(name))).toEqual([]);
});
