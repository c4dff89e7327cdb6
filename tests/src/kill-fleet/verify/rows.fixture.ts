/** Rows of a fleet's database, read without the store under test. */
import { DatabaseSync } from "node:sqlite";
import { Client, types } from "pg";
import { z } from "zod";
import { untilAvailable } from "../exactly-once.js";

export interface Rows extends AsyncDisposable {
  /**
   * Runs one statement, which is one snapshot. Waits for an unavailable server.
   *
   * @throws ZodError for a row of another shape.
   */
  all<T>(row: z.ZodType<T>, sql: string): Promise<readonly T[]>;
  /** Columns by which the log is ordered. */
  readonly logOrder: string;
  /** Runs the database's integrity check; empty when it passes. */
  damage(): Promise<readonly string[]>;
}

/** Opens a database. `address`: path of a SQLite file, or URL of a PostgreSQL database. */
export function openRows(address: string): Rows {
  return address.startsWith("postgres://") ? postgresRows(address) : sqliteRows(address);
}

function sqliteRows(path: string): Rows {
  const database = new DatabaseSync(path, { readOnly: true });
  return {
    all: async (row, sql) => z.array(row).parse(database.prepare(sql).all()),
    logOrder: "cursor",
    damage: async () => sqliteDamage(database),
    [Symbol.asyncDispose]: async () => database.close(),
  };
}

function sqliteDamage(database: DatabaseSync): readonly string[] {
  const found = database
    .prepare("pragma integrity_check")
    .all()
    .map((row) => String(Object.values(row)[0]));
  const dangling = database
    .prepare("pragma foreign_key_check")
    .all()
    .map((row) => `a row of ${String(row["table"])} points nowhere`);
  return [...found.filter((line) => line !== "ok"), ...dangling];
}

const INT8 = 20;

function postgresRows(url: string): Rows {
  let open: Client | null = null;
  async function connected(): Promise<Client> {
    if (open !== null) return open;
    const client = new Client({
      connectionString: url,
      application_name: "verification",
      options: "-c search_path=millrace",
      types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) },
    });
    client.on("error", () => {
      if (open === client) open = null;
    });
    await client.connect();
    open = client;
    return client;
  }
  const all: Rows["all"] = async (row, sql) => {
    const found = await untilAvailable(async () => (await connected()).query(sql));
    return z.array(row).parse(found.rows);
  };
  return {
    all,
    logOrder: "tx, cursor",
    damage: () => postgresDamage(all),
    async [Symbol.asyncDispose]() {
      await open?.end();
    },
  };
}

const text = z.object({ text: z.string() });

/** Checks every table and index (amcheck reads every page), then foreign keys. */
async function postgresDamage(all: Rows["all"]): Promise<readonly string[]> {
  await all(z.unknown(), "create extension if not exists amcheck schema public");
  const heaps = await all(
    text,
    `select c.relname || ': ' || found.msg as text from pg_class c, lateral public.verify_heapam(c.oid) as found
     where c.relkind = 'r' and c.relnamespace = 'millrace'::regnamespace`,
  );
  const indexes = await all(
    text,
    `select c.oid::text as text from pg_class c join pg_am on pg_am.oid = c.relam
     where c.relkind = 'i' and pg_am.amname = 'btree' and c.relnamespace = 'millrace'::regnamespace`,
  );
  const found = heaps.map((heap) => heap.text);
  for (const index of indexes) found.push(...(await indexDamage(all, index.text)));
  for (const key of await all(text, FOREIGN_KEYS)) found.push(...(await all(text, key.text)).map((row) => row.text));
  return found;
}

/** Checks one index; the server raises an error for damage. */
async function indexDamage(all: Rows["all"], oid: string): Promise<readonly string[]> {
  try {
    await all(z.unknown(), `select public.bt_index_check(${oid}::regclass, true)`);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : "an index is damaged"];
  }
}

/** Makes one query for each foreign key, with a row for each dangling reference. The server checks foreign keys only on writes. */
const FOREIGN_KEYS = `
  select format(
    'select distinct ''a row of %1$s points nowhere'' as text from %1$s c where %2$s and not exists (select 1 from %3$s p where %4$s)',
    k.conrelid::regclass,
    (select string_agg(format('c.%I is not null', a.attname), ' and ') from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)),
    k.confrelid::regclass,
    (select string_agg(format('c.%I = p.%I', child.attname, parent.attname), ' and ')
     from unnest(k.conkey, k.confkey) as pair (c, p)
     join pg_attribute child on child.attrelid = k.conrelid and child.attnum = pair.c
     join pg_attribute parent on parent.attrelid = k.confrelid and parent.attnum = pair.p)
  ) as text
  from pg_constraint k where k.contype = 'f' and k.connamespace = 'millrace'::regnamespace`;
