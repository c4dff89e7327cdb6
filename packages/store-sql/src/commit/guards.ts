import type { Expression, ExpressionBuilder, Kysely, SqlBool } from "kysely";
import { expressionBuilder, sql } from "kysely";
import type { Tables } from "../schema/tables.js";
import type { Param, SqlValue, Statement } from "../statement.js";
import { statement } from "../statement.js";

/** A statement that the database refuses with its CHECK when the condition holds, and that writes nothing when it does not. */
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

/** Refuses an id that the workspace does not have. */
export function missingRow(
  db: Kysely<Tables>,
  table: "blocks" | "runs" | "reviews",
): Statement<{ workspace_id: string; id: string }, unknown> {
  return refuseWhen(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom(table).select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")))),
  );
}

export function missingWorkspace(db: Kysely<Tables>): Statement<{ id: string }, unknown> {
  return refuseWhen(db, (eb, p) => eb.not(eb.exists(eb.selectFrom("workspaces").select("id").where("id", "=", p("id")))));
}

/** Refuses when the statement named `name` returned no row. Without arguments. */
export function nothingFrom(db: Kysely<Tables>, name: string): Statement<object, unknown> {
  return refuseWhen<object>(db, (eb) => eb.not(sql<SqlBool>`exists (select 1 from ${sql.ref(name)})`));
}

/** Refuses when the statement named `name` did not return a row for each of those that were `given`. Without arguments. */
export function fewerThan(db: Kysely<Tables>, name: string, given: string): Statement<object, unknown> {
  const count = (of: string) => sql<number>`(select count(*) from ${sql.ref(of)})`;
  return refuseWhen<object>(db, () => sql<SqlBool>`${count(name)} <> ${count(given)}`);
}
