import { DatabaseSync } from "node:sqlite";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { migrations } from "../aggregates/index.js";
import { openSqliteConnection } from "../open-sqlite-store.js";
import { temporaryFolder } from "../temporary-folder.fixture.js";
import { tablesOfWorkspaces } from "./tables-of-workspaces.js";

it("WSP-08 a deletion knows every table of the real schema that has rows of a workspace, those that others point at last", async () => {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  const { connection } = await openSqliteConnection({ path: file });
  const found = tablesOfWorkspaces(migrations, connection.db, connection.dialect);
  connection.close();
  const database = new DatabaseSync(file, { readOnly: true });
  const columns = database
    .prepare("select t.name as name, c.name as col from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table'")
    .all()
    .map(({ name, col }) => [String(name), String(col)] as const);
  const references = database
    .prepare(`select t.name as child, k."table" as parent from sqlite_schema t, pragma_foreign_key_list(t.name) k where t.type = 'table'`)
    .all()
    .map(({ child, parent }) => [String(child), String(parent)] as const);
  database.close();
  const names = found.map(({ name }) => name);
  expect(names.toSorted()).toEqual(columns.flatMap(([name, col]) => (col === "workspace_id" ? [name] : [])).toSorted());
  expect(names.length).toBeGreaterThan(15);
  expect(references.length).toBeGreaterThan(9);
  const toOthers = references.filter(([child, parent]) => parent !== "workspaces" && parent !== child);
  expect(toOthers.filter(([child, parent]) => names.indexOf(child) > names.indexOf(parent))).toEqual([]);
  const toThemselves = references.filter(([child, parent]) => child === parent).map(([child]) => child);
  expect(found.flatMap(({ name, parentColumn }) => (parentColumn === null ? [] : [name]))).toEqual([...new Set(toThemselves)]);
});
