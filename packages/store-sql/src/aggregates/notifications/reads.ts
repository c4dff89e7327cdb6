import { notificationSchema, type Notification } from "@millrace/contracts";
import type { NotificationReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { OLDEST, anchorOf, type Anchor } from "../../page-anchor.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStored } from "../../stored-shape.logic.js";
import type { NotificationRow } from "./table.js";

export function notificationReads(connection: SqlConnection): NotificationReads {
  const { db } = connection;
  const anchor = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("notifications").select("created_at").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const get = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("notifications").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const open = statement<Anchor & { workspace_id: string; limit: number }>()((p) =>
    db
      .selectFrom("notifications")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("status", "=", sql.lit("open"))
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  const ofRun = statement<{ workspace_id: string; run_id: string }>()((p) =>
    db
      .selectFrom("notifications")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .orderBy("created_at")
      .orderBy("id"),
  );
  const countOpen = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("notifications")
      .select([
        sql<number>`count(*)`.as("open"),
        sql<number>`coalesce(sum(case when severity = 'urgent' then 1 else 0 end), 0)`.as("urgent"),
      ])
      .where("workspace_id", "=", p("workspace_id"))
      .where("status", "=", sql.lit("open")),
  );
  const overdue = statement<{ now: number; limit: number }>()((p) =>
    db
      .selectFrom("notifications")
      .selectAll()
      .where("status", "=", sql.lit("open"))
      .where("severity", "=", sql.lit("normal"))
      .where("urgent_at", "<=", p("now"))
      .orderBy("urgent_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toNotification(row);
    },
    async open(workspaceId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const start = await anchorOf(page.after, OLDEST, (id) => connection.all(anchor, { workspace_id: workspaceId, id }));
      return (await connection.all(open, { ...start, workspace_id: workspaceId, limit })).map(toNotification);
    },
    async ofRun(workspaceId, runId) {
      return (await connection.all(ofRun, { workspace_id: workspaceId, run_id: runId })).map(toNotification);
    },
    async countOpen(workspaceId) {
      const [row] = await connection.all(countOpen, { workspace_id: workspaceId });
      return { open: Number(row?.open ?? 0), urgent: Number(row?.urgent ?? 0) };
    },
    async overdue(now, limit) {
      return (await connection.all(overdue, { now, limit: checkLimit(limit, MAX_PAGE) })).map(toNotification);
    },
  };
}

function toNotification(row: NotificationRow): Notification {
  const value = {
    id: row.id,
    workspaceId: row.workspace_id,
    blockId: row.block_id,
    runId: row.run_id,
    type: row.type,
    severity: row.severity,
    status: row.status,
    title: row.title,
    body: row.body,
    createdAt: row.created_at,
    urgentAt: row.urgent_at,
    resolvedAt: row.resolved_at,
  };
  return parseStored(notificationSchema, value, { entity: "notification", id: row.id });
}
