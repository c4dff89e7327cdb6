import { unknownCursor } from "@millrace/kernel";
import { sql } from "kysely";
import type { Dialect } from "../dialect.js";

/** One transaction at a time writes, so positions are given out in the order in which commits become visible (ADR 3). */
export const sqliteDialect: Dialect = {
  jsonStrings: (json) => sql`(select value from json_each(${json}))`,
  takeTurn: null,
  skipsLockedRows: false,
  moments: null,
  forUpdates: (table) => table,
  log: {
    before: () => [],
    // AUTOINCREMENT: a position is never given out twice, not even after the newest events were deleted.
    columns: (table) => table.addColumn("cursor", "integer", (column) => column.primaryKey().autoIncrement()),
    order: ["cursor"],
    cursor: sql`cast(cursor as text)`,
    isAfter: ({ row }) => sql`cursor > ${row}`,
    placeOf(cursor) {
      if (!/^\d{1,15}$/.test(cursor)) throw unknownCursor(cursor);
      return { transaction: 0, row: Number(cursor) };
    },
  },
};
