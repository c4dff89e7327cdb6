import { expect, it } from "vitest";
import { migrations } from "../aggregates/index.js";
import { inOrder, schemaState, type Migration } from "./migration.js";

const aMigration = (id: string, ...tables: Migration["tables"]): Migration => ({ id, tables, statements: () => [] });

it("every migration has an id of its own, a number and a name, and runs in the order of the ids", () => {
  const ids = migrations.map(({ id }) => id);
  expect(ids.filter((id) => !/^\d{4}-[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  expect(ids).toEqual([...new Set(ids)].toSorted());
});

it("no two migrations create the same table", () => {
  const tables = migrations.flatMap((migration) => migration.tables);
  expect(new Set(tables).size).toBe(tables.length);
});

it("migrations of several aggregates run by number, then by name", () => {
  const sorted = inOrder([aMigration("0002-runs"), aMigration("0001-runs"), aMigration("0001-blocks")]);
  expect(sorted.map(({ id }) => id)).toEqual(["0001-blocks", "0001-runs", "0002-runs"]);
});

it("a migration that is not applied is pending, also when a later one is applied", () => {
  const known = [aMigration("0001-blocks", "blocks"), aMigration("0001-runs", "runs"), aMigration("0002-blocks")];
  expect(schemaState(["0001-blocks", "0002-blocks"], known)).toEqual({ pending: [known[1]], unknown: [], tables: ["blocks"] });
});

it("an applied migration that this build does not know is named", () => {
  expect(schemaState(["0001-blocks", "0009-later"], [aMigration("0001-blocks")])).toMatchObject({ pending: [], unknown: ["0009-later"] });
});
