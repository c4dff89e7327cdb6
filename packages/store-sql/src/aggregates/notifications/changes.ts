import type { BoardEvent, Notification } from "@millrace/contracts";
import type { NotificationChanges } from "@millrace/kernel";
import type { Expression, Kysely, SqlBool } from "kysely";
import { expressionBuilder, sql } from "kysely";
import { runRef, toCommit, toCte, touching, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import type { Param, SqlValue, Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { NotificationRow } from "./table.js";

type NotificationKey = Pick<NotificationRow, "workspace_id" | "id">;
type ResolveArgs = NotificationKey & { readonly status: string; readonly resolved_at: number };

/** Every change is keyed, so repeating it is harmless. */
export function notificationChanges(builder: SqlBuilder): ChangeHandlers<NotificationChanges> {
  const { db } = builder;
  const eb = expressionBuilder<Tables>();
  const openRow = (p: Param<NotificationKey>) =>
    db
      .selectFrom("notifications")
      .select("id")
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("status", "=", sql.lit("open"));
  const raise = announced(builder, raiseStatement(db), (p) => eb.not(eb.exists(openRow(p))));
  const resolve = announced(builder, resolveStatement(db), (p) => eb.exists(openRow(p)));
  const escalate = announced(builder, escalateStatement(db), (p) => eb.exists(openRow(p).where("severity", "=", sql.lit("normal"))));
  return {
    "raise-notification": ({ notification, event }) => {
      const needs = [runRef(notification.workspaceId, notification.runId)];
      return raise(notificationRow(notification), event).map((one) => ({ ...one, needs }));
    },
    "resolve-notification": ({ workspaceId, id, as, at, event }) =>
      resolve({ workspace_id: workspaceId, id, status: as, resolved_at: at }, event),
    "escalate-notification": ({ workspaceId, id, event }) => escalate({ workspace_id: workspaceId, id }, event),
  };
}

/**
 * Statements of a change of one notification and of the event that announces it. The event is appended exactly when the change returns
 * the row: in the same statement where CTEs may change rows; elsewhere if the row `isDue` for the change just before, which is exact
 * because one transaction at a time writes there.
 */
function announced<Args extends NotificationKey & { readonly [Name in keyof Args]: SqlValue }>(
  { db, dialect }: SqlBuilder,
  change: Statement<Args, unknown>,
  isDue: (p: Param<NotificationKey>) => Expression<SqlBool>,
): (args: Args, event: BoardEvent) => readonly CommitStatement[] {
  if (dialect.supportsWritableCtes) {
    const append = appendStatement(db, () => sql<SqlBool>`exists (select 1 from changed_notification)`);
    return (args, event) => [
      {
        ...toCommit(append, { workspace_id: args.workspace_id, id: args.id, entry: JSON.stringify(event) }),
        ctes: [toCte("changed_notification", change, args)],
        // Not `events`: no statement of a commit reads what another one appends, so appends need no order among themselves.
        tables: ["notifications"],
      },
    ];
  }
  const append = appendStatement(db, isDue);
  return (args, event) => [
    touching(toCommit(append, { workspace_id: args.workspace_id, id: args.id, entry: JSON.stringify(event) }), "events", "notifications"),
    touching(toCommit(change, args), "notifications"),
  ];
}

type AppendArgs = NotificationKey & { readonly entry: string };

function appendStatement(db: Kysely<Tables>, condition: (p: Param<AppendArgs>) => Expression<SqlBool>): Statement<AppendArgs, unknown> {
  return statement<AppendArgs>()((p) =>
    db
      .insertInto("events")
      .columns(["workspace_id", "entry"])
      .expression(db.selectNoFrom([p("workspace_id").as("workspace_id"), p("entry").as("entry")]).where(condition(p))),
  );
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
      )
      .returning("notifications.id"),
  );
}

function resolveStatement(db: Kysely<Tables>): Statement<ResolveArgs, unknown> {
  return statement<ResolveArgs>()((p) =>
    db
      .updateTable("notifications")
      .set({ status: p("status"), resolved_at: p("resolved_at") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("status", "=", sql.lit("open"))
      .returning("id"),
  );
}

function escalateStatement(db: Kysely<Tables>): Statement<NotificationKey, unknown> {
  return statement<NotificationKey>()((p) =>
    db
      .updateTable("notifications")
      .set({ severity: sql.lit("urgent") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("status", "=", sql.lit("open"))
      .where("severity", "=", sql.lit("normal"))
      .returning("id"),
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
