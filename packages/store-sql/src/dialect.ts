import type { Compilable, CreateTableBuilder, Kysely, RawBuilder } from "kysely";
import type { Tables } from "./aggregates/tables.js";

/** Type of a column of a row set. */
export type ColumnType = "text" | "integer" | "bigint" | "double precision";

/**
 * Differences between databases, as facts that statements are built from. Everything else is one SQL text for all of them. A dialect
 * spreads `dialectDefaults` and states what differs.
 */
export type Dialect = SequentialDialect | WritableCteDialect;

interface DialectFacts {
  /** A subquery with one row for each string of a JSON array. */
  readonly jsonStrings: (json: RawBuilder<string>) => RawBuilder<string>;
  /** Aggregate of the rows of a group: a JSON object with one member for each, as text; null or `{}` for no rows. */
  readonly jsonObject: (name: RawBuilder<string>, value: RawBuilder<string>) => RawBuilder<string | null>;
  /**
   * Expression that takes an advisory lock on the key until the transaction ends. Default null: one transaction at a time writes, so a
   * count is exact without a lock.
   */
  readonly advisoryLock: ((key: RawBuilder<string>) => RawBuilder<unknown>) | null;
  /** Values one statement may bind: statements over many rows are split to fit. Default 32,766, SQLite's own limit; D1 allows 100. */
  readonly maxParameters: number;
  /** True for the rows that a selection from a table named `own` finds, by their place in it. */
  readonly rows: (selection: RawBuilder<unknown>) => RawBuilder<boolean>;
  /** Supports `FOR UPDATE SKIP LOCKED`. Default false: SQLite has one writer. */
  readonly supportsSkipLocked: boolean;
  /** For a table whose rows are updated often, in columns without an index. Default: the table as it is. */
  readonly updatedOften: <Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ) => CreateTableBuilder<Table, Column>;
  readonly log: LogDialect;
}

/** A database that changes rows in top-level statements only. */
export interface SequentialDialect extends DialectFacts {
  /**
   * A CTE may change rows. CTEs of one statement do not see each other's changes, and the statement can select the rows they return.
   * Default false.
   */
  readonly supportsWritableCtes: false;
}

/** A database whose CTEs may change rows. */
export interface WritableCteDialect extends DialectFacts {
  readonly supportsWritableCtes: true;
  /** SQL of a table with these columns and an `ordinal` from 1, bound as one array parameter ($1, $2 ...) per column. */
  readonly arrayRows: (columns: readonly (readonly [name: string, type: ColumnType])[]) => string;
}

/** How the event log gets an order that no reader can see changing. */
export interface LogDialect {
  /** Statements that run before the first log is created. */
  readonly prerequisites: (db: Kysely<Tables>) => readonly Compilable[];
  /** Adds the columns of its order to the table of a log. */
  readonly columns: <Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ) => CreateTableBuilder<Table, Column | "cursor">;
  /** Columns that order it. */
  readonly order: readonly [string, ...string[]];
  /** Transaction of a row; 0 where the order of rows is that of their commits. */
  readonly transaction: RawBuilder<number>;
  /** Cursor of a row, as text. */
  readonly cursor: RawBuilder<string>;
  /** True for rows after the position and below the visibility horizon, so no later commit can appear before them. */
  readonly isAfter: (position: Readonly<Record<keyof LogPosition, RawBuilder<number>>>) => RawBuilder<boolean>;
  /** Cursor behind every row that `isAfter` can return now, and before every row of a later commit. */
  readonly end: RawBuilder<string>;
  /** @throws MillraceError `validation` for a text that is no cursor of this log. */
  readonly positionOf: (cursor: string) => LogPosition;
}

/** A decoded cursor. `transaction` is 0 where the order of rows is that of their commits. */
export interface LogPosition {
  readonly transaction: number;
  readonly row: number;
}

/** The flags of a dialect that states nothing else. */
export const dialectDefaults: Omit<SequentialDialect, "jsonStrings" | "jsonObject" | "rows" | "log"> = {
  advisoryLock: null,
  maxParameters: 32_766,
  supportsSkipLocked: false,
  updatedOften: (table) => table,
  supportsWritableCtes: false,
};
