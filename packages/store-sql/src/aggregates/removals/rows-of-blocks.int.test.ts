import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { openSqliteConnection } from "../../open-sqlite-store.js";
import { temporaryFolder } from "../../temporary-folder.fixture.js";
import { furtherColumns, rowsOfBlocks } from "./rows-of-blocks.js";

it("B4 every column that names a block is one of which is said what becomes of it", async () => {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  const { connection } = await openSqliteConnection({ path: file });
  connection.close();
  const database = new DatabaseSync(file, { readOnly: true });
  const columns = database
    .prepare(
      `select tables.name as "table", keys."from" as "column" from sqlite_schema as tables, pragma_foreign_key_list(tables.name) as keys
       where tables.type = 'table' and keys."table" = 'blocks' and keys."to" = 'id'
       union select tables.name, columns.name from sqlite_schema as tables, pragma_table_info(tables.name) as columns
       where tables.type = 'table' and columns.name = 'block_id'`,
    )
    .all()
    .map((row) => `${String(row["table"])}.${String(row["column"])}`);
  database.close();
  const said = [
    ...Object.keys(rowsOfBlocks).map((table) => `${table}.block_id`),
    ...furtherColumns.map((column) => column.join(".")),
    // What is in a block goes before it.
    "blocks.parent_id",
  ];
  expect(columns.toSorted()).toEqual(said.toSorted());
});
