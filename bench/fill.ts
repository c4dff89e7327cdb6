/**
 * Large databases in little time: a run or block that the engine itself has written is copied under new ids, row by row,
 * in SQL. A copy reads as if the engine had written it. The tables are asked from the database, so a new one is copied too.
 */
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";

export interface Template {
  readonly blockId: string;
  /** Null: only the block is copied. */
  readonly runId: string | null;
}

/** Ids are random, as the engine's are: in order they would fill the indexes from one end. Not while a store has the file open. */
export function copyTemplate(file: string, template: Template, copies: number): void {
  if (copies < 1) return;
  using database = new DatabaseSync(file);
  database.exec("pragma synchronous = off; pragma cache_size = -400000; pragma temp_store = memory; begin immediate");
  database.exec("create temp table copies (n integer primary key, block text not null, run text not null)");
  database
    .prepare(
      `with recursive counted(n) as (select 1 union all select n + 1 from counted where n < ?)
       insert into copies select n, 'blk_' || lower(hex(randomblob(8))), 'run_' || lower(hex(randomblob(8))) from counted`,
    )
    .run(copies);
  for (const table of tablesOf(database)) copyRows(database, table, template);
  database.exec("commit; drop table copies; pragma wal_checkpoint(truncate)");
}

interface TableShape {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly text: boolean }[];
}

function tablesOf(database: DatabaseSync): readonly TableShape[] {
  const names = database.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").all();
  return names.map(({ name }) => {
    const columns = database.prepare(`pragma table_info(${textOf(name)})`).all();
    const keys = columns.filter(({ pk }) => pk !== 0);
    // A lone integer key is given out by the database.
    const kept = columns.filter(({ pk, type }) => !(pk !== 0 && keys.length === 1 && textOf(type).toLowerCase() === "integer"));
    return {
      name: textOf(name),
      columns: kept.map((column) => ({ name: textOf(column["name"]), text: textOf(column["type"]).toLowerCase() === "text" })),
    };
  });
}

/** Rows of the template, with its ids replaced wherever they stand, and ages one millisecond apart. */
function copyRows(database: DatabaseSync, table: TableShape, { blockId, runId }: Template): void {
  const where = ownedBy(table);
  if (where === null) return;
  const values = table.columns.map(({ name, text }) => {
    if (text) return `replace(replace(${name}, :block, copies.block), :run, copies.run)`;
    if (name === "sequence" && table.name === "blocks") return "(select max(sequence) from blocks) + copies.n";
    return name === "created_at" ? "created_at + copies.n" : name;
  });
  const columns = table.columns.map(({ name }) => name).join(", ");
  // Without a run nothing is copied but the block: no id is empty, and replacing the empty text changes nothing.
  database
    .prepare(`insert into ${table.name} (${columns}) select ${values.join(", ")} from ${table.name}, copies where ${where}`)
    .run({ block: blockId, run: runId ?? "" });
}

/** Every condition names both ids: a statement is given no value it does not ask for. */
function ownedBy({ name, columns }: TableShape): string | null {
  if (name === "blocks") return "id = :block and :run = :run";
  if (name === "runs") return "id = :run and :block = :block";
  return columns.some((column) => column.name === "run_id") ? "run_id = :run and :block = :block" : null;
}

function textOf(value: SQLOutputValue | undefined): string {
  return typeof value === "string" ? value : "";
}
