import type { Change, MillraceError } from "@millrace/kernel";
import type { Kysely } from "kysely";
import type { GivenRows } from "./commit/given-rows.js";
import type { Dialect } from "./dialect.js";
import type { Tables } from "./schema/tables.js";
import type { BoundStatement, Statement } from "./statement.js";

/** Kinds of constraint a database tells apart when it refuses a statement. */
export type ConstraintKind = "unique" | "primary-key" | "not-null" | "check" | "foreign-key";

/** One statement of a batch, and what its failing means. */
export interface Step extends BoundStatement {
  /** Statements that run in the same moment as `sql`, which may look at what they return by their names. Only where `dialect.moments`. */
  readonly with?: readonly Named[];
  /** What `with` and `sql` are about, instead of values. The same step of other commits becomes one with it. Only where `dialect.moments`. */
  readonly given?: GivenRows;
  /** The same about given rows, where it comes together with that of other commits: by itself, it is dearer. Only where `dialect.moments`. */
  readonly many?: Step;
  /** What runs instead when the steps are asked one by one: this one only looks whether there is nothing to do. */
  readonly otherwise?: readonly Step[];
  /**
   * Every table whose rows it changes or looks at. Steps with different tables may run in the same moment, where a database has that.
   * Without it a step runs in its turn.
   */
  readonly tables?: readonly (keyof Tables)[];
  /** Steps of one change that touch different rows: they may run in the same moment although their tables are the same. */
  readonly group?: Change;
  /** It looks at what the whole commit leaves behind, and runs after the steps of every change. */
  readonly atEnd?: true;
  /** The error of a refused constraint. One that is not named here is a defect: `internal`. */
  readonly refusals?: Readonly<Partial<Record<ConstraintKind, () => MillraceError>>>;
}

/** A statement inside another one. */
export interface Named extends BoundStatement {
  readonly name: string;
}

/** A read that goes with a batch. */
export interface Asked<Args, Row> {
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
   * Runs all of `steps` in order in one transaction, or none: the first refused constraint undoes everything. Then asks, of a moment after
   * it and in the same trip: its rows, or null when the steps are in and that answer was lost.
   */
  batch<Args, Row>(steps: readonly Step[], then?: Asked<Args, Row>): Promise<readonly Row[] | null>;
}

/** What statements are built with. */
export type SqlBuilder = Pick<SqlConnection, "db" | "dialect">;

/** A step of a batch from a compiled statement. */
export function step<Args>(statement: Statement<Args, unknown>, args: Args, refusals?: Step["refusals"]): Step {
  const values = statement.bind(args);
  return refusals === undefined ? { sql: statement.sql, values } : { sql: statement.sql, values, refusals };
}

/** The same step, known to touch these tables only. */
export function touching(step: Step, ...tables: readonly (keyof Tables)[]): Step {
  return { ...step, tables };
}

/** A statement inside the step that follows it. */
export function named<Args>(name: string, statement: Statement<Args, unknown>, args: Args): Named {
  return { name, sql: statement.sql, values: statement.bind(args) };
}

/** A step about rows that are given to it. */
export function stepOf(statement: Statement<object, unknown>, given: GivenRows, refusals?: Step["refusals"]): Step {
  return { ...step(statement, {}, refusals), given };
}
