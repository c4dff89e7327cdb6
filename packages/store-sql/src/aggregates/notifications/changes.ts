import type { Notification } from "@millrace/contracts";
import type { NotificationChanges } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { runRef, toCommit, touching, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import type { Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { NotificationRow } from "./table.js";

/** Every change is keyed, so repeating it is harmless. */
export function notificationChanges({ db }: SqlBuilder): ChangeHandlers<NotificationChanges> {
  const raise = raiseStatement(db);
  const resolve = statement<{ workspace_id: string; id: string; status: string; resolved_at: number }>()((p) =>
    db
      .updateTable("notifications")
      .set({ status: p("status"), resolved_at: p("resolved_at") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("status", "=", sql.lit("open")),
  );
  const escalate = statement<{ workspace_id: string; id: string }>()((p) =>
    db
      .updateTable("notifications")
      .set({ severity: sql.lit("urgent") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("status", "=", sql.lit("open"))
      .where("severity", "=", sql.lit("normal")),
  );
  return {
    "raise-notification": ({ notification }) => [
      {
        ...touching(toCommit(raise, notificationRow(notification)), "notifications"),
        needs: [runRef(notification.workspaceId, notification.runId)],
      },
    ],
    "resolve-notification": ({ workspaceId, id, as, at }) => [
      touching(toCommit(resolve, { workspace_id: workspaceId, id, status: as, resolved_at: at }), "notifications"),
    ],
    "escalate-notification": ({ workspaceId, id }) => [touching(toCommit(escalate, { workspace_id: workspaceId, id }), "notifications")],
  };
}

/** An open notification stays as it is; a resolved one with the same key is opened again. */
function raiseStatement(db: Kysely<Tables>): Statement<NotificationRow, unknown> {
  return statement<NotificationRow>()((p) =>
    db
      .insertInto("notifications")
      .values({
        workspace_id: p("workspace_id"),
        id: p("id"),
        block_id: p("block_id"),
        run_id: p("run_id"),
        type: p("type"),
        severity: p("severity"),
        status: p("status"),
        title: p("title"),
        body: p("body"),
        created_at: p("created_at"),
        urgent_at: p("urgent_at"),
        resolved_at: p("resolved_at"),
      })
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "id"])
          .doUpdateSet((eb) => ({
            block_id: eb.ref("excluded.block_id"),
            run_id: eb.ref("excluded.run_id"),
            type: eb.ref("excluded.type"),
            severity: eb.ref("excluded.severity"),
            status: eb.ref("excluded.status"),
            title: eb.ref("excluded.title"),
            body: eb.ref("excluded.body"),
            created_at: eb.ref("excluded.created_at"),
            urgent_at: eb.ref("excluded.urgent_at"),
            resolved_at: eb.ref("excluded.resolved_at"),
          }))
          .where("notifications.status", "!=", sql.lit("open")),
      ),
  );
}

function notificationRow(notification: Notification): NotificationRow {
  return {
    workspace_id: notification.workspaceId,
    id: notification.id,
    block_id: notification.blockId,
    run_id: notification.runId,
    type: notification.type,
    severity: notification.severity,
    status: notification.status,
    title: notification.title,
    body: notification.body,
    created_at: notification.createdAt,
    urgent_at: notification.urgentAt,
    resolved_at: notification.resolvedAt,
  };
}
