import { DatabaseSync } from "node:sqlite";

export type Durability = "full" | "normal";

/** A database without an engine: what its disk and its commits cost. */
export interface RawDatabase extends Disposable {
  /** Seconds that `commits` transactions take: one 2 KB row updated and one row inserted in each. */
  commit(commits: number): number;
}

const DOCUMENT = "x".repeat(2048);
const ROWS = 100;

/** The pragmas of `@millrace/store-sql`, statements prepared once, no other layer. */
export function openRawDatabase(file: string, durability: Durability): RawDatabase {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  database.exec(`pragma journal_mode = wal; pragma synchronous = ${durability}`);
  database.exec("create table runs (id integer primary key, revision integer not null, document text not null)");
  database.exec("create table events (position integer primary key, run_id integer not null, entry text not null)");
  const insertRun = database.prepare("insert into runs (id, revision, document) values (?, 0, ?)");
  for (let id = 0; id < ROWS; id += 1) insertRun.run(id, DOCUMENT);
  const begin = database.prepare("begin immediate");
  const update = database.prepare("update runs set revision = revision + 1, document = ? where id = ?");
  const insert = database.prepare("insert into events (run_id, entry) values (?, ?)");
  const commit = database.prepare("commit");
  return {
    commit(commits) {
      const started = performance.now();
      for (let index = 0; index < commits; index += 1) {
        begin.run();
        update.run(`${index}${DOCUMENT}`, index % ROWS);
        insert.run(index % ROWS, `{"event":${index}}`);
        commit.run();
      }
      return (performance.now() - started) / 1000;
    },
    [Symbol.dispose]: () => database.close(),
  };
}
