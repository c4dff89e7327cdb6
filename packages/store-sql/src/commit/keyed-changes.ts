import type { Notification } from "@millrace/contracts";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Step } from "../connection.js";
import { step, touching } from "../connection.js";
import type { NotificationRow, Tables } from "../schema/tables.js";
import type { Statement } from "../statement.js";
import { statement } from "../statement.js";

/** Steps of the changes whose repetition is harmless: each has a key. */
export interface KeyedChanges {
  putOutput(workspaceId: string, runId: string, key: string, text: string): readonly Step[];
  raise(notification: Notification): readonly Step[];
  settle(workspaceId: string, id: string, as: "acted" | "dismissed", at: number): readonly Step[];
  escalate(workspaceId: string, id: string): readonly Step[];
  wake(workspaceId: string, runId: string, at: number): readonly Step[];
  unwake(workspaceId: string, runId: string): readonly Step[];
}

export function keyedChanges(db: Kysely<Tables>): KeyedChanges {
  const putOutput = statement<Tables["outputs"]>()((p) =>
    db
      .insertInto("outputs")
      .values({ workspace_id: p("workspace_id"), key: p("key"), run_id: p("run_id"), content: p("content") })
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "key"])
          .doUpdateSet((eb) => ({ run_id: eb.ref("excluded.run_id"), content: eb.ref("excluded.content") })),
      ),
  );
  const raise = raiseStatement(db);
  const settle = statement<{ workspace_id: string; id: string; status: string; resolved_at: number }>()((p) =>
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
  const { wake, unwake } = wakeStatements(db);
  return {
    putOutput: (workspaceId, runId, key, text) => [
      touching(step(putOutput, { workspace_id: workspaceId, run_id: runId, key, content: text }), "outputs"),
    ],
    raise: (notification) => [touching(step(raise, notificationRow(notification)), "notifications")],
    settle: (workspaceId, id, as, at) => [
      touching(step(settle, { workspace_id: workspaceId, id, status: as, resolved_at: at }), "notifications"),
    ],
    escalate: (workspaceId, id) => [touching(step(escalate, { workspace_id: workspaceId, id }), "notifications")],
    wake: (workspaceId, runId, at) => [touching(step(wake, { workspace_id: workspaceId, run_id: runId, due_at: at }), "wakeups")],
    unwake: (workspaceId, runId) => [touching(step(unwake, { workspace_id: workspaceId, run_id: runId }), "wakeups")],
  };
}

/** An open card stays as it is; a settled one with the same key is opened again. */
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

function wakeStatements(db: Kysely<Tables>): {
  wake: Statement<{ workspace_id: string; run_id: string; due_at: number }, unknown>;
  unwake: Statement<{ workspace_id: string; run_id: string }, unknown>;
} {
  const wake = statement<{ workspace_id: string; run_id: string; due_at: number }>()((p) =>
    db
      .insertInto("wakeups")
      .values({ workspace_id: p("workspace_id"), run_id: p("run_id"), due_at: p("due_at"), owner: null, lease_until: null })
      .onConflict((conflict) => conflict.columns(["workspace_id", "run_id"]).doUpdateSet((eb) => ({ due_at: eb.ref("excluded.due_at") }))),
  );
  const unwake = statement<{ workspace_id: string; run_id: string }>()((p) =>
    db.deleteFrom("wakeups").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("run_id")),
  );
  return { wake, unwake };
}

function notificationRow(card: Notification): NotificationRow {
  return {
    workspace_id: card.workspaceId,
    id: card.id,
    block_id: card.blockId,
    run_id: card.runId,
    type: card.type,
    severity: card.severity,
    status: card.status,
    title: card.title,
    body: card.body,
    created_at: card.createdAt,
    urgent_at: card.urgentAt,
    resolved_at: card.resolvedAt,
  };
}
