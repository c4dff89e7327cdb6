/**
 * A row set bound as one array parameter per column (`unnest`): its text is the same for one row and for a hundred, so that equal
 * changes of many commits become one statement. Only where `dialect.supportsWritableCtes`.
 */
import type { ColumnType, WritableCteDialect } from "../dialect.js";
import type { SqlValue } from "../statement.js";

/** Rows that a statement selects from by name. */
export interface RowSet {
  readonly name: string;
  /** SQL of a table of the rows, with one parameter per column. */
  readonly sql: string;
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Makes row sets of one name and one set of columns; each has an `ordinal` that counts its rows from 1. */
export function rowSet<Row extends { readonly [Column in keyof Row]: SqlValue | undefined }>(
  { arrayRows }: WritableCteDialect,
  name: string,
  types: { readonly [Column in keyof Row]: ColumnType },
): (rows: readonly Row[]) => RowSet {
  const columns = Object.entries<ColumnType>(types);
  const text = arrayRows(columns);
  const valueOf = (row: Row, column: string): SqlValue => row[column as keyof Row] ?? null;
  return (rows) => ({ name, sql: text, rows: rows.map((row) => columns.map(([column]) => valueOf(row, column))) });
}
