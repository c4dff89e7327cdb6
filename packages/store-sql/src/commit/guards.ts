/** Guards: statements that the database refuses when a condition holds, and that write nothing when it does not. */
import { MillraceError, notFound } from "@millrace/kernel";
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from "kysely";
import { expressionBuilder, sql } from "kysely";
import type { Tables } from "../aggregates/tables.js";
import type { Param, SqlValue, Statement } from "../statement.js";
import { statement } from "../statement.js";
import { toCommit, type CommitStatement, type RowRef } from "./commit-statement.js";

/** Refuses with a CHECK when the condition holds. */
export function refuseWhen<Args extends { readonly [Name in keyof Args]: SqlValue }>(
  db: Kysely<Tables>,
  condition: (eb: ExpressionBuilder<Tables, never>, p: Param<Args>) => Expression<SqlBool>,
): Statement<Args, unknown> {
  const eb = expressionBuilder<Tables>();
  return statement<Args>()((p) =>
    db
      .insertInto("commit_guards")
      .columns(["passed"])
      .expression(db.selectNoFrom(sql.lit(0).as("passed")).where(condition(eb, p))),
  );
}

const ENTITY = { workspaces: "workspace", blocks: "block", runs: "run", reviews: "review" } as const satisfies Record<
  RowRef["table"],
  string
>;

/** Refuses with `not_found` unless the row exists. One statement per table, compiled on first use. */
export function existenceGuard(db: Kysely<Tables>): (row: RowRef) => CommitStatement {
  const compiled = new Map<RowRef["table"], Statement<{ workspace_id: string; id: string }, unknown>>();
  return ({ table, workspaceId, id }) => {
    const guard = compiled.get(table) ?? missingRow(db, table);
    compiled.set(table, guard);
    return toCommit(guard, { workspace_id: workspaceId, id }, { check: () => notFound(ENTITY[table], id) });
  };
}

/** Refuses an id that the workspace does not have. */
export function missingRow(db: Kysely<Tables>, table: RowRef["table"]): Statement<{ workspace_id: string; id: string }, unknown> {
  return refuseWhen(db, (eb, p) => {
    if (table === "workspaces") return eb.not(eb.exists(eb.selectFrom("workspaces").select("id").where("id", "=", p("id"))));
    return eb.not(eb.exists(eb.selectFrom(table).select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id"))));
  });
}

/** Refuses when the CTE named `name` returned no row. Without arguments. */
export function nothingFrom(db: Kysely<Tables>, name: string): Statement<object, unknown> {
  return refuseWhen<object>(db, (eb) => eb.not(sql<SqlBool>`exists (select 1 from ${sql.ref(name)})`));
}

/** Refuses when the CTE named `name` returned fewer rows than the row set named `rowSet` has. Without arguments. */
export function fewerThan(db: Kysely<Tables>, name: string, rowSet: string): Statement<object, unknown> {
  const count = (of: string) => sql<number>`(select count(*) from ${sql.ref(of)})`;
  return refuseWhen<object>(db, () => sql<SqlBool>`${count(name)} <> ${count(rowSet)}`);
}

/** Refusal of an insert whose id is in use. */
export function taken(entity: string, id: string): NonNullable<CommitStatement["refusals"]> {
  return {
    "primary-key": () =>
      new MillraceError("conflict", `${entity} '${id}' exists already`, { fix: "Use a fresh id.", details: { entity, id } }),
  };
}
