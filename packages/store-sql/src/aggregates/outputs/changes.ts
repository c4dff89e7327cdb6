import type { OutputChanges } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { rowSetToCommit, runRef, toCommit, touching, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { rowSet } from "../../commit/row-set.js";
import type { SqlBuilder } from "../../connection.js";
import type { WritableCteDialect } from "../../dialect.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { OutputRow } from "./table.js";

export function outputChanges({ db, dialect }: SqlBuilder): ChangeHandlers<OutputChanges> {
  const put = statement<OutputRow>()((p) =>
    db
      .insertInto("outputs")
      .values({ workspace_id: p("workspace_id"), key: p("key"), run_id: p("run_id"), content: p("content") })
      .onConflict((conflict) => conflict.columns(["workspace_id", "key"]).doUpdateSet(excluded)),
  );
  const bulk = dialect.supportsWritableCtes ? bulkPut(db, dialect) : null;
  return {
    "put-output": ({ workspaceId, runId, key, text }) => {
      const row = { workspace_id: workspaceId, key, run_id: runId, content: text };
      const one = { ...toCommit(put, row), needs: [runRef(workspaceId, runId)] };
      return [touching(bulk === null ? one : { ...one, bulk: bulk(row) }, "outputs")];
    },
  };
}

function bulkPut(db: Kysely<Tables>, dialect: WritableCteDialect): (row: OutputRow) => CommitStatement {
  const columns = ["workspace_id", "key", "run_id", "content"] as const;
  const rows = rowSet<OutputRow>(dialect, "output_rows", { workspace_id: "text", key: "text", run_id: "text", content: "text" });
  const put = statement<object>()(() => {
    const withRows = db.withTables<{ output_rows: OutputRow }>();
    return withRows
      .insertInto("outputs")
      .columns(columns)
      .expression(withRows.selectFrom("output_rows").select(columns))
      .onConflict((conflict) => conflict.columns(["workspace_id", "key"]).doUpdateSet(excluded));
  });
  return (row) => rowSetToCommit(put, rows([row]));
}

const excluded = {
  run_id: sql<string>`excluded.run_id`,
  content: sql<string>`excluded.content`,
};
