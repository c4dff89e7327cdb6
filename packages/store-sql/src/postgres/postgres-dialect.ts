import { LOG_START, unknownCursor } from "@millrace/kernel";
import { sql } from "kysely";
import { dialectDefaults, type WritableCteDialect } from "../dialect.js";

/**
 * Many transactions write at the same time. The log is ordered by transaction, then by row, and read up to the oldest transaction that
 * still runs: all before it have ended, so nothing can appear there any more (ADR 16).
 */
export const postgresDialect: WritableCteDialect = {
  ...dialectDefaults,
  jsonStrings: (json) => sql`(select json_array_elements_text(cast(${json} as json)))`,
  jsonObject: (name, value) => sql`cast(json_object_agg(${name}, ${value}) as text)`,
  advisoryLock: (key) => sql`pg_advisory_xact_lock(hashtextextended(${key}, 0))`,
  // An array is looked up row by row; a subquery would be joined with the whole table.
  rows: (selection) => sql`ctid = any(array(select own.ctid ${selection}))`,
  supportsSkipLocked: true,
  supportsWritableCtes: true,
  arrayRows(columns) {
    const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`);
    const names = [...columns.map(([name]) => name), "ordinal"].map((name) => `"${name}"`);
    return `select * from unnest(${arrays.join(", ")}) with ordinality as given (${names.join(", ")})`;
  },
  // Leaves room in each page for the next version of a row: such an update touches no index.
  updatedOften: (table) => table.modifyEnd(sql`with (fillfactor = 50)`),
  log: {
    // Moved on by `open` when a restored database counts its transactions from the start again.
    prerequisites: (db) => [{ compile: () => sql`create function log_base() returns bigint language sql immutable return 0`.compile(db) }],
    columns: (table) =>
      table
        // Not indexed: it is never queried alone, and an index would slow every insert.
        .addColumn("cursor", "bigint", (column) => column.notNull().generatedAlwaysAsIdentity())
        .addColumn("tx", "bigint", (column) => column.notNull().defaultTo(sql`(pg_current_xact_id()::text::bigint + log_base())`)),
    order: ["tx", "cursor"],
    transaction: sql`tx`,
    cursor: sql`tx || '.' || cursor`,
    end: sql`pg_snapshot_xmin(pg_current_snapshot())::text::bigint + log_base() - 1 || '.999999999999999'`,
    isAfter: ({ transaction, row }) =>
      sql`(tx, cursor) > (${transaction}, ${row}) and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint + log_base()`,
    positionOf(cursor) {
      const [, transaction, row] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor === LOG_START ? "0.0" : cursor) ?? [];
      if (transaction === undefined || row === undefined) throw unknownCursor(cursor);
      return { transaction: Number(transaction), row: Number(row) };
    },
  },
};
