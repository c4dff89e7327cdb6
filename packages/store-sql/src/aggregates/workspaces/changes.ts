import type { WorkspaceChanges } from "@millrace/kernel";
import { notFound } from "@millrace/kernel";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import { missingRow, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { WorkspaceRow } from "./table.js";

export function workspaceChanges({ db }: SqlBuilder): ChangeHandlers<WorkspaceChanges> {
  const insert = statement<WorkspaceRow>()((p) =>
    db.insertInto("workspaces").values({
      id: p("id"),
      name: p("name"),
      settings: p("settings"),
      created_at: p("created_at"),
      account_id: p("account_id"),
      deleting_at: p("deleting_at"),
    }),
  );
  const missing = missingRow(db, "workspaces");
  const putSettings = statement<{ id: string; settings: string }>()((p) =>
    db
      .updateTable("workspaces")
      .set({ settings: p("settings") })
      .where("id", "=", p("id")),
  );
  return {
    "insert-workspace": ({ workspace }) => {
      const { id, name, settings, createdAt, accountId, deletingAt } = workspace;
      const row = { id, name, settings: JSON.stringify(settings), created_at: createdAt, account_id: accountId, deleting_at: deletingAt };
      return [{ ...toCommit(insert, row, taken("workspace", id)), ensures: workspaceRef(id) }];
    },
    "put-settings": ({ workspaceId: id, settings }) => [
      { ...toCommit(missing, { workspace_id: id, id }, { check: () => notFound("workspace", id) }), ensures: workspaceRef(id) },
      toCommit(putSettings, { id, settings: JSON.stringify(settings) }),
    ],
  };
}
