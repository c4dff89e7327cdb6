import type { Clock, WakeUpChanges } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { rowSetToCommit, runRef, toCommit, touching, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { rowSet } from "../../commit/row-set.js";
import type { SqlBuilder } from "../../connection.js";
import type { WritableCteDialect } from "../../dialect.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { WakeUpRow } from "./table.js";

type WakeArgs = Pick<WakeUpRow, "workspace_id" | "run_id" | "due_at" | "set_at">;

export function wakeUpChanges({ db, dialect }: SqlBuilder, clock: Clock): ChangeHandlers<WakeUpChanges> {
  const wake = statement<WakeArgs>()((p) =>
    db
      .insertInto("wakeups")
      .values({
        workspace_id: p("workspace_id"),
        run_id: p("run_id"),
        due_at: p("due_at"),
        set_at: p("set_at"),
        owner: null,
        lease_until: null,
      })
      .onConflict((conflict) => conflict.columns(["workspace_id", "run_id"]).doUpdateSet(excluded)),
  );
  const unwake = statement<Omit<WakeArgs, "due_at" | "set_at">>()((p) =>
    db.deleteFrom("wakeups").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("run_id")),
  );
  const bulk = dialect.supportsWritableCtes ? bulkWake(db, dialect) : null;
  return {
    wake: ({ workspaceId, runId, at }) => {
      const row = { workspace_id: workspaceId, run_id: runId, due_at: at, set_at: clock.now() };
      const one = { ...toCommit(wake, row), needs: [runRef(workspaceId, runId)] };
      return [touching(bulk === null ? one : { ...one, bulk: bulk(row) }, "wakeups")];
    },
    unwake: ({ workspaceId, runId }) => [touching(toCommit(unwake, { workspace_id: workspaceId, run_id: runId }), "wakeups")],
  };
}

function bulkWake(db: Kysely<Tables>, dialect: WritableCteDialect): (row: WakeArgs) => CommitStatement {
  const columns = ["workspace_id", "run_id", "due_at", "set_at"] as const;
  const rows = rowSet<WakeArgs>(dialect, "wakeup_rows", { workspace_id: "text", run_id: "text", due_at: "bigint", set_at: "bigint" });
  const wake = statement<object>()(() => {
    const withRows = db.withTables<{ wakeup_rows: WakeArgs }>();
    return withRows
      .insertInto("wakeups")
      .columns(columns)
      .expression(withRows.selectFrom("wakeup_rows").select(columns))
      .onConflict((conflict) => conflict.columns(["workspace_id", "run_id"]).doUpdateSet(excluded));
  });
  return (row) => rowSetToCommit(wake, rows([row]));
}

const excluded = { due_at: sql<number>`excluded.due_at`, set_at: sql<number>`excluded.set_at` };
