import { sql } from "kysely";
import { ofRun } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const notificationMigrations: readonly Migration[] = [
  {
    id: "0004-notifications",
    tables: ["notifications"],
    statements: ({ schema }) => [
      ofRun(
        schema
          .createTable("notifications")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull())
          .addColumn("block_id", "text", (column) => column.notNull())
          .addColumn("run_id", "text", (column) => column.notNull())
          .addColumn("type", "text", (column) => column.notNull())
          .addColumn("severity", "text", (column) => column.notNull())
          .addColumn("status", "text", (column) => column.notNull())
          .addColumn("title", "text", (column) => column.notNull())
          .addColumn("body", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("urgent_at", "bigint", (column) => column.notNull())
          .addColumn("resolved_at", "bigint")
          .addPrimaryKeyConstraint("notifications_key", ["workspace_id", "id"]),
      ),
      schema
        .createIndex("notifications_open")
        .on("notifications")
        .columns(["workspace_id", "created_at", "id"])
        .where(sql.ref("status"), "=", "open"),
      schema
        .createIndex("notifications_overdue")
        .on("notifications")
        .columns(["urgent_at", "id"])
        .where(sql.ref("status"), "=", "open")
        .where(sql.ref("severity"), "=", "normal"),
      schema.createIndex("notifications_of_run").on("notifications").columns(["workspace_id", "run_id", "created_at", "id"]),
    ],
  },
];
