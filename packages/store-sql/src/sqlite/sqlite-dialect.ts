import { unknownCursor } from "@millrace/kernel";
import { sql } from "kysely";
import { dialectDefaults, type SequentialDialect } from "../dialect.js";

/** One transaction at a time writes, so positions are assigned in the order in which commits become visible (ADR 3). */
export const sqliteDialect: SequentialDialect = {
  ...dialectDefaults,
  jsonStrings: (json) => sql`(select value from json_each(${json}))`,
  jsonObject: (name, value) => sql`json_group_object(${name}, ${value})`,
  rows: (selection) => sql`rowid in (select own.rowid ${selection})`,
  log: {
    prerequisites: () => [],
    // AUTOINCREMENT: a position is never assigned twice, not even after the newest events were deleted.
    columns: (table) => table.addColumn("cursor", "integer", (column) => column.primaryKey().autoIncrement()),
    order: ["cursor"],
    transaction: sql`0`,
    cursor: sql`cast(cursor as text)`,
    end: sql`(select cast(coalesce(max(cursor), 0) as text) from events)`,
    isAfter: ({ row }) => sql`cursor > ${row}`,
    positionOf(cursor) {
      if (!/^\d{1,15}$/.test(cursor)) throw unknownCursor(cursor);
      return { transaction: 0, row: Number(cursor) };
    },
  },
};
