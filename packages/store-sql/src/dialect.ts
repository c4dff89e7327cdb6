import type { Compilable, CreateTableBuilder, Kysely, RawBuilder } from "kysely";
import type { ColumnType } from "./commit/given-rows.js";
import type { Tables } from "./schema/tables.js";

/** Where databases differ, as facts that statements are built from. Everything else is one text for all of them. */
export interface Dialect {
  /** A row for each string of a JSON array. */
  readonly jsonStrings: (json: RawBuilder<string>) => RawBuilder<string>;
  /**
   * What a transaction calls to wait for others that called it with the same key, until they end. Null where one transaction at a
   * time writes: there a count is exact without it.
   */
  readonly takeTurn: ((key: RawBuilder<string>) => RawBuilder<unknown>) | null;
  /** Rows that another transaction is about to change can be passed over. Where they cannot, there is no such transaction. */
  readonly skipsLockedRows: boolean;
  /**
   * Statements that change rows can run in one moment, as parts of another statement: none sees what the others change, and what they
   * return can be looked at. Null where they cannot.
   */
  readonly moments: MomentDialect | null;
  /** For a table whose rows are changed again and again, in columns that no index has. */
  readonly forUpdates: <Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ) => CreateTableBuilder<Table, Column>;
  readonly log: LogDialect;
}

/** How a statement is given rows. */
export interface MomentDialect {
  /** A table of rows with these columns and their `place`, a parameter ($1, $2 ...) for each column. */
  readonly rowsOf: (columns: readonly (readonly [name: string, type: ColumnType])[]) => string;
}

/** How the log of events gets an order that no reader can see changing. */
export interface LogDialect {
  /** What its table refers to. */
  readonly before: (db: Kysely<Tables>) => readonly Compilable[];
  readonly columns: <Column extends string>(table: CreateTableBuilder<"events", Column>) => CreateTableBuilder<"events", Column | "cursor">;
  /** The columns that order it. */
  readonly order: readonly [string, ...string[]];
  /** The cursor of a row, as text. */
  readonly cursor: RawBuilder<string>;
  /** Behind that place, and final: no row that becomes visible later is placed before it. */
  readonly isAfter: (place: Readonly<Record<keyof LogPlace, RawBuilder<number>>>) => RawBuilder<boolean>;
  /** @throws MillraceError `validation` for a text that is no cursor of this log. */
  readonly placeOf: (cursor: string) => LogPlace;
}

/** What a cursor means. `transaction` is 0 where the order of rows is that of their commits. */
export interface LogPlace {
  readonly transaction: number;
  readonly row: number;
}
