import type { Kysely } from "kysely";
import type { Tables } from "./aggregates/tables.js";
import type { CommitStatement } from "./commit/commit-statement.js";
import type { Dialect } from "./dialect.js";
import type { Statement } from "./statement.js";

/** A statement and its arguments. */
export interface BoundRead<Args, Row> {
  readonly statement: Statement<Args, Row>;
  readonly args: Args;
}

/**
 * What the store needs of a database: the seam between the one SQL implementation and its dialects.
 * Both methods reject with `database_*` errors, or `unavailable` once closed; never with a driver's own.
 */
export interface SqlConnection {
  /** Builds and compiles statements; never runs one. */
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  /** Runs one statement in its own transaction and returns its rows. */
  all<Args, Row>(statement: Statement<Args, Row>, args: Args): Promise<readonly Row[]>;
  /**
   * Runs all statements in order in one transaction, or none: the first refused constraint undoes everything. Then runs `read`, as of
   * just after the transaction and in the same round trip: returns its rows, or null when the transaction committed and the answer to
   * `read` was lost.
   */
  batch<Args, Row>(statements: readonly CommitStatement[], read?: BoundRead<Args, Row>): Promise<readonly Row[] | null>;
}

/** What statements are built with. */
export type SqlBuilder = Pick<SqlConnection, "db" | "dialect">;
