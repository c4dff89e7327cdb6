import type { Notification } from "@millrace/contracts";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlBuilder, Step } from "../connection.js";
import { step, stepOf, touching } from "../connection.js";
import type { Dialect, MomentDialect } from "../dialect.js";
import type { NotificationRow, Tables } from "../schema/tables.js";
import type { Statement } from "../statement.js";
import { statement } from "../statement.js";
import { rowTable } from "./given-rows.js";

/** Steps of the changes whose repetition is harmless: each has a key. */
export interface KeyedChanges {
  putOutput(workspaceId: string, runId: string, key: string, text: string): readonly Step[];
  raise(notification: Notification): readonly Step[];
  resolve(workspaceId: string, id: string, as: "acted" | "dismissed", at: number): readonly Step[];
  escalate(workspaceId: string, id: string): readonly Step[];
  wake(workspaceId: string, runId: string, at: number): readonly Step[];
  unwake(workspaceId: string, runId: string): readonly Step[];
}

export function keyedChanges({ db, dialect: { moments } }: SqlBuilder): KeyedChanges {
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
  const unwake = statement<Omit<WakeArgs, "due_at">>()((p) =>
    db.deleteFrom("wakeups").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("run_id")),
  );
  return {
    putOutput: putSteps(db, moments),
    raise: (notification) => [touching(step(raise, notificationRow(notification)), "notifications")],
    resolve: (workspaceId, id, as, at) => [
      touching(step(resolve, { workspace_id: workspaceId, id, status: as, resolved_at: at }), "notifications"),
    ],
    escalate: (workspaceId, id) => [touching(step(escalate, { workspace_id: workspaceId, id }), "notifications")],
    wake: wakeSteps(db, moments),
    unwake: (workspaceId, runId) => [touching(step(unwake, { workspace_id: workspaceId, run_id: runId }), "wakeups")],
  };
}

/** An open notification stays as it is; a settled one with the same key is opened again. */
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

type OutputArgs = Tables["outputs"];

function putSteps(db: Kysely<Tables>, moments: Dialect["moments"]): KeyedChanges["putOutput"] {
  const put = statement<OutputArgs>()((p) =>
    db
      .insertInto("outputs")
      .values({ workspace_id: p("workspace_id"), key: p("key"), run_id: p("run_id"), content: p("content") })
      .onConflict((conflict) => conflict.columns(["workspace_id", "key"]).doUpdateSet(outputAsGiven)),
  );
  const many = moments === null ? null : putMany(db, moments);
  return (workspaceId, runId, key, text) => {
    const row = { workspace_id: workspaceId, key, run_id: runId, content: text };
    const one = step(put, row);
    return [touching(many === null ? one : { ...one, many: many(row) }, "outputs")];
  };
}

function putMany(db: Kysely<Tables>, moments: MomentDialect): (row: OutputArgs) => Step {
  const columns = ["workspace_id", "key", "run_id", "content"] as const;
  const given = rowTable<OutputArgs>(moments, "output_rows", { workspace_id: "text", key: "text", run_id: "text", content: "text" });
  const put = statement<object>()(() => {
    const rows = db.withTables<{ output_rows: OutputArgs }>();
    return rows
      .insertInto("outputs")
      .columns(columns)
      .expression(rows.selectFrom("output_rows").select(columns))
      .onConflict((conflict) => conflict.columns(["workspace_id", "key"]).doUpdateSet(outputAsGiven));
  });
  return (row) => stepOf(put, given([row]));
}

const outputAsGiven = {
  run_id: sql<string>`excluded.run_id`,
  content: sql<string>`excluded.content`,
};

type WakeArgs = { workspace_id: string; run_id: string; due_at: number };
const dueAsGiven = { due_at: sql<number>`excluded.due_at` };

function wakeSteps(db: Kysely<Tables>, moments: Dialect["moments"]): KeyedChanges["wake"] {
  const wake = statement<WakeArgs>()((p) =>
    db
      .insertInto("wakeups")
      .values({ workspace_id: p("workspace_id"), run_id: p("run_id"), due_at: p("due_at"), owner: null, lease_until: null })
      .onConflict((conflict) => conflict.columns(["workspace_id", "run_id"]).doUpdateSet(dueAsGiven)),
  );
  const many = moments === null ? null : wakeMany(db, moments);
  return (workspaceId, runId, at) => {
    const row = { workspace_id: workspaceId, run_id: runId, due_at: at };
    const one = step(wake, row);
    return [touching(many === null ? one : { ...one, many: many(row) }, "wakeups")];
  };
}

function wakeMany(db: Kysely<Tables>, moments: MomentDialect): (row: WakeArgs) => Step {
  const columns = ["workspace_id", "run_id", "due_at"] as const;
  const given = rowTable<WakeArgs>(moments, "wakeup_rows", { workspace_id: "text", run_id: "text", due_at: "bigint" });
  const wake = statement<object>()(() => {
    const rows = db.withTables<{ wakeup_rows: WakeArgs }>();
    return rows
      .insertInto("wakeups")
      .columns(columns)
      .expression(rows.selectFrom("wakeup_rows").select(columns))
      .onConflict((conflict) => conflict.columns(["workspace_id", "run_id"]).doUpdateSet(dueAsGiven));
  });
  return (row) => stepOf(wake, given([row]));
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
