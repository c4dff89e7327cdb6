import { LOG_START, unknownCursor } from "@millrace/kernel";
import { sql } from "kysely";
import type { Dialect } from "../dialect.js";

/**
 * Many transactions write at the same time. The log is ordered by transaction, then by row, and read up to the oldest transaction that
 * still runs: all before it have ended, so nothing can land there any more (ADR 16).
 */
export const postgresDialect: Dialect = {
  jsonStrings: (json) => sql`(select json_array_elements_text(cast(${json} as json)))`,
  takeTurn: (key) => sql`pg_advisory_xact_lock(hashtextextended(${key}, 0))`,
  skipsLockedRows: true,
  moments: {
    rowsOf(columns) {
      const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`);
      const names = [...columns.map(([name]) => name), "place"].map((name) => `"${name}"`);
      return `select * from unnest(${arrays.join(", ")}) with ordinality as given (${names.join(", ")})`;
    },
  },
  // Room in its page for the next version of a row: it then touches no index.
  forUpdates: (table) => table.modifyEnd(sql`with (fillfactor = 50)`),
  log: {
    // Moved on by `open` when a restored database counts its transactions from the start again.
    before: (db) => [{ compile: () => sql`create function log_base() returns bigint language sql immutable return 0`.compile(db) }],
    columns: (table) =>
      table
        // Without an index of its own: nobody looks for an event by it, and every event would pay for one.
        .addColumn("cursor", "bigint", (column) => column.notNull().generatedAlwaysAsIdentity())
        .addColumn("tx", "bigint", (column) => column.notNull().defaultTo(sql`(pg_current_xact_id()::text::bigint + log_base())`)),
    order: ["tx", "cursor"],
    cursor: sql`tx || '.' || cursor`,
    isAfter: ({ transaction, row }) =>
      sql`(tx, cursor) > (${transaction}, ${row}) and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint + log_base()`,
    placeOf(cursor) {
      const [, transaction, row] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor === LOG_START ? "0.0" : cursor) ?? [];
      if (transaction === undefined || row === undefined) throw unknownCursor(cursor);
      return { transaction: Number(transaction), row: Number(row) };
    },
  },
};
