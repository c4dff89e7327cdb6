import type { MillraceError } from "@millrace/kernel";
import type { Tables } from "../aggregates/tables.js";
import type { BoundStatement, Statement } from "../statement.js";
import type { RowSet } from "./row-set.js";

/** Constraints a database tells apart when it refuses a statement. */
export type ConstraintKind = "unique" | "primary-key" | "not-null" | "check";

/** A row that other rows point at. */
export interface RowRef {
  readonly table: "workspaces" | "blocks" | "runs" | "reviews";
  /** Of a workspace: its own id. */
  readonly workspaceId: string;
  readonly id: string;
}

/** The workspace itself, as a row. */
export function workspaceRef(id: string): RowRef {
  return { table: "workspaces", workspaceId: id, id };
}

export function blockRef(workspaceId: string, id: string): RowRef {
  return { table: "blocks", workspaceId, id };
}

export function runRef(workspaceId: string, id: string): RowRef {
  return { table: "runs", workspaceId, id };
}

export function reviewRef(workspaceId: string, id: string): RowRef {
  return { table: "reviews", workspaceId, id };
}

/** One statement of a commit, and the meaning of its refusal. */
export interface CommitStatement extends BoundStatement {
  /** CTEs executed together with `sql`; `sql` can select from them by name. Only where the dialect supports writable CTEs. */
  readonly ctes?: readonly CommonTableExpression[];
  /**
   * Row set that `ctes` and `sql` select from, instead of values. Equal statements of other commits are merged into one over the rows of
   * all. Only where the dialect supports writable CTEs.
   */
  readonly rowSet?: RowSet;
  /**
   * Bulk form of this statement, used when several grouped commits contain it. Slower for one row. Only where the dialect supports
   * writable CTEs.
   */
  readonly bulk?: CommitStatement;
  /** Statements to run instead if the batch falls back to one-by-one. The optimistic form only verifies that nothing changes. */
  readonly fallback?: readonly CommitStatement[];
  /**
   * Every table it reads or changes rows of. Statements on different tables may run as one, where the dialect supports writable CTEs.
   * Default: unknown; the statement then runs by itself, in its order.
   */
  readonly tables?: readonly (keyof Tables)[];
  /** Statements of one change that touch different rows have the same group: they may run as one although their tables overlap. */
  readonly group?: object;
  /** Rows that have to exist once all changes of the commit are in; without one the commit is refused with `not_found`. Default none. */
  readonly needs?: readonly RowRef[];
  /** A row that exists after this statement, which writes it or is refused. Default none. */
  readonly ensures?: RowRef;
  /** Errors of refused constraints. A constraint without one is a defect: `internal`. */
  readonly refusals?: Readonly<Partial<Record<ConstraintKind, () => MillraceError>>>;
}

/** A CTE of a statement. */
export interface CommonTableExpression extends BoundStatement {
  readonly name: string;
}

/** Statements of every change of an aggregate, by its tag. */
export type ChangeHandlers<AggregateChanges> = {
  readonly [Tag in keyof AggregateChanges]: (change: AggregateChanges[Tag]) => readonly CommitStatement[];
};

/** Binds a statement for a commit. */
export function toCommit<Args>(statement: Statement<Args, unknown>, args: Args, refusals?: CommitStatement["refusals"]): CommitStatement {
  const values = statement.bind(args);
  return refusals === undefined ? { sql: statement.sql, values } : { sql: statement.sql, values, refusals };
}

/** Binds a statement over a row set for a commit. */
export function rowSetToCommit(
  statement: Statement<object, unknown>,
  rowSet: RowSet,
  refusals?: CommitStatement["refusals"],
): CommitStatement {
  return { ...toCommit(statement, {}, refusals), rowSet };
}

/** Binds a statement as a CTE of that name. */
export function toCte<Args>(name: string, statement: Statement<Args, unknown>, args: Args): CommonTableExpression {
  return { name, sql: statement.sql, values: statement.bind(args) };
}

/** The same statement, declared to touch these tables only. */
export function touching(statement: CommitStatement, ...tables: readonly (keyof Tables)[]): CommitStatement {
  return { ...statement, tables };
}
