import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** A database without an engine: what its server and disk can commit at all. */
export interface RawPostgres {
  /** Seconds that `commits` transactions take on `atOnce` connections: one 2 KB row updated and one row inserted in each. */
  commit(commits: number, atOnce: number): Promise<number>;
}

const ROWS = 100;
/** With its head it is a row of 2 KB, just small enough to stay in its table. */
const DOCUMENT_CHARS = 1900;
/** Room in a page for the next copy of a row, so that an update touches no index. */
const FILL = 50;

/** Plain `pg`: each statement prepared once and awaited, no other layer. */
export async function openRawPostgres(resources: AsyncDisposableStack, url: string, connections: number): Promise<RawPostgres> {
  const clients = Array.from({ length: connections }, () => new Client({ connectionString: url }));
  for (const client of clients) {
    await client.connect();
    resources.defer(() => client.end());
  }
  const [first] = clients;
  await first?.query(
    `create table runs (id integer primary key, revision integer not null, document text not null) with (fillfactor = ${FILL})`,
  );
  await first?.query(
    "create table events (position bigint generated always as identity primary key, run_id integer not null, entry text not null)",
  );
  const document = randomBytes(DOCUMENT_CHARS).toString("base64").slice(0, DOCUMENT_CHARS);
  await first?.query("insert into runs select id, 0, $1 from generate_series(0, $2::integer - 1) as id", [document, ROWS]);
  return {
    async commit(commits, atOnce) {
      let next = 0;
      const started = performance.now();
      await Promise.all(
        clients.slice(0, atOnce).map(async (client) => {
          for (let index = next++; index < commits; index = next++) await transact(client, index, document);
        }),
      );
      return (performance.now() - started) / 1000;
    },
  };
}

async function transact(client: Client, index: number, document: string): Promise<void> {
  const run = index % ROWS;
  await client.query("begin");
  await client.query({
    name: "update",
    text: "update runs set revision = revision + 1, document = $1 where id = $2",
    values: [document, run],
  });
  await client.query({ name: "insert", text: "insert into events (run_id, entry) values ($1, $2)", values: [run, `{"event":${index}}`] });
  await client.query("commit");
}
