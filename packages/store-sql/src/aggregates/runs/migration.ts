import { sql } from "kysely";
import { deferred } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";
import { LIVE_STATUSES } from "./run-status.js";

export const runMigrations: readonly Migration[] = [
  {
    id: "0003-runs",
    tables: ["runs"],
    statements: ({ schema }, { updatedOften }) => [
      updatedOften(schema.createTable("runs"))
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("block_id", "text", (column) => column.notNull())
        .addColumn("service_id", "text")
        .addColumn("task_type", "text")
        .addColumn("pipeline_id", "text", (column) => column.notNull())
        .addColumn("pipeline_digest", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        // NOT NULL is the revision guard: see changes.ts.
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .addColumn("shape_version", "integer", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addColumn("ended", "text")
        .addPrimaryKeyConstraint("runs_key", ["workspace_id", "id"])
        .addForeignKeyConstraint("runs_block", ["workspace_id", "block_id"], "blocks", ["workspace_id", "id"], deferred),
      schema
        .createIndex("runs_one_live_per_block")
        .unique()
        .on("runs")
        .columns(["workspace_id", "block_id"])
        .where(sql.ref("status"), "in", LIVE_STATUSES),
      schema.createIndex("runs_by_age").on("runs").columns(["workspace_id", "created_at", "id"]),
      schema.createIndex("runs_by_block").on("runs").columns(["workspace_id", "block_id", "created_at", "id"]),
      schema.createIndex("runs_by_pipeline").on("runs").columns(["workspace_id", "pipeline_id", "created_at", "id"]),
      schema
        .createIndex("runs_live")
        .on("runs")
        .columns(["workspace_id", "created_at", "id"])
        .where(sql.ref("status"), "in", LIVE_STATUSES),
      schema
        .createIndex("runs_live_of_service")
        .on("runs")
        .columns(["workspace_id", "service_id", "task_type", "id"])
        .where(sql.ref("status"), "in", LIVE_STATUSES),
      schema.createIndex("runs_paused").on("runs").columns(["workspace_id", "created_at", "id"]).where(sql.ref("status"), "=", "paused"),
    ],
  },
];
