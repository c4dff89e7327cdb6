import type { WorkspaceErasure, WorkspaceReads } from "@millrace/kernel";
import { workspaceInUse } from "@millrace/kernel";
import { sql, type RawBuilder } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder, SqlConnection } from "../../connection.js";
import type { TableOfWorkspaces } from "../../schema/tables-of-workspaces.js";
import { statement, type Statement } from "../../statement.js";

type Args = { workspace_id: string };

/** The statements are made when a workspace is first erased: a host that erases none does not pay for them. */
export function workspaceErasure(builder: SqlBuilder, tables: () => readonly TableOfWorkspaces[]): ChangeHandlers<WorkspaceErasure> {
  const { db } = builder;
  const made: { statements: readonly Statement<Args & { limit: number }, unknown>[] | null } = { statements: null };
  const guard: { statement: Statement<Args, unknown> | null } = { statement: null };
  const remove = statement<Args>()((p) => db.deleteFrom("workspaces").where("id", "=", p("workspace_id")));
  return {
    "erase-workspace": ({ workspaceId, limit }) => {
      made.statements ??= eraseStatements(builder, tables());
      return made.statements.map((each) => toCommit(each, { workspace_id: workspaceId, limit }));
    },
    "remove-workspace": ({ workspaceId }) => {
      guard.statement ??= refuseWhen<Args>(db, (_, p) => anyRow(tables(), p("workspace_id")));
      const key = { workspace_id: workspaceId };
      return [toCommit(guard.statement, key, { check: () => workspaceInUse(workspaceId) }), toCommit(remove, key)];
    },
  };
}

/** Whether a workspace has no rows, beside itself. */
export function isEmptyRead(connection: SqlConnection, tables: () => readonly TableOfWorkspaces[]): WorkspaceReads["isEmpty"] {
  const made: { statement: Statement<Args, { readonly any: number }> | null } = { statement: null };
  return async (id) => {
    made.statement ??= statement<Args>()((p) =>
      connection.db.selectNoFrom(sql<number>`case when ${anyRow(tables(), p("workspace_id"))} then 1 else 0 end`.as("any")),
    );
    const [row] = await connection.all(made.statement, { workspace_id: id });
    return row?.any === 0;
  };
}

const rowIn = (name: string, workspaceId: RawBuilder<string>): RawBuilder<boolean> =>
  sql`exists (select 1 from ${sql.table(name)} where workspace_id = ${workspaceId})`;

function anyRow(tables: readonly TableOfWorkspaces[], workspaceId: RawBuilder<string>): RawBuilder<boolean> {
  return sql`(${sql.join(
    tables.map(({ name }) => rowIn(name, workspaceId)),
    sql` or `,
  )})`;
}

/** One statement a table. A row may be pointed at by those of the tables before it: it goes when they are empty, and after those in it. */
function eraseStatements(
  { db, dialect }: SqlBuilder,
  tables: readonly TableOfWorkspaces[],
): readonly Statement<Args & { limit: number }, unknown>[] {
  return tables.map(({ name, parentColumn }, index) =>
    statement<Args & { limit: number }>()((p) => {
      const table = sql.table(name);
      const isLeaf =
        parentColumn === null
          ? sql``
          : sql`and not exists (select 1 from ${table} as child where child.workspace_id = own.workspace_id and child.${sql.ref(parentColumn)} = own.id)`;
      const before = tables.slice(0, index);
      const othersAreEmpty = before.length === 0 ? sql`` : sql`and not ${anyRow(before, p("workspace_id"))}`;
      const rows = dialect.rows(sql`from ${table} as own where own.workspace_id = ${p("workspace_id")} ${isLeaf} limit ${p("limit")}`);
      const query = sql`delete from ${table} where ${rows} ${othersAreEmpty}`;
      return { compile: () => query.compile(db) };
    }),
  );
}
