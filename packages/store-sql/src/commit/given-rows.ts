/**
 * Rows that a statement is given as columns: its text is the same for one row and for a hundred, so the same change of many commits is one
 * statement. Only where the dialect has it (`dialect.moments`).
 */
import type { Dialect } from "../dialect.js";
import type { SqlValue } from "../statement.js";

/** What a column of given rows holds. */
export type ColumnType = "text" | "integer" | "bigint" | "double precision";

/** Rows that a statement calls by a name. */
export interface GivenRows {
  readonly name: string;
  /** A table of them, a parameter for each column. */
  readonly sql: string;
  readonly rows: readonly (readonly SqlValue[])[];
}

export type RowTable<Row> = (rows: readonly Row[]) => GivenRows;

/** Rows with these columns, in their order, and a `place` that counts them from 1. */
export function rowTable<Row extends { readonly [Column in keyof Row]: SqlValue | undefined }>(
  { rowsOf }: NonNullable<Dialect["moments"]>,
  name: string,
  types: { readonly [Column in keyof Row]: ColumnType },
): RowTable<Row> {
  const columns = Object.entries<ColumnType>(types);
  const text = rowsOf(columns);
  const valueOf = (row: Row, column: string): SqlValue => row[column as keyof Row] ?? null;
  return (rows) => ({ name, sql: text, rows: rows.map((row) => columns.map(([column]) => valueOf(row, column))) });
}
