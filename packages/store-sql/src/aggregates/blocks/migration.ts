import { sql } from "kysely";
import { deferred, ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const blockMigrations: readonly Migration[] = [
  {
    id: "0002-blocks",
    tables: ["blocks"],
    statements: ({ schema }, { updatedOften }) => [
      ofWorkspace(
        updatedOften(schema.createTable("blocks"))
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull())
          .addColumn("revision", "integer", (column) => column.notNull())
          .addColumn("level", "text", (column) => column.notNull())
          .addColumn("parent_id", "text")
          .addColumn("title", "text", (column) => column.notNull())
          .addColumn("description", "text", (column) => column.notNull())
          .addColumn("status", "text", (column) => column.notNull())
          .addColumn("progress", "double precision", (column) => column.notNull())
          .addColumn("run_id", "text")
          .addColumn("pull_request", "text")
          .addColumn("merged", "text")
          .addColumn("repository", "text")
          .addColumn("checks", "text")
          .addColumn("preset_id", "text")
          .addColumn("pipeline_id", "text")
          .addColumn("task_type", "text", (column) => column.notNull())
          .addColumn("fields", "text", (column) => column.notNull())
          .addColumn("module_name", "text")
          .addColumn("model_id", "text")
          .addColumn("test_environment", "text", (column) => column.notNull())
          .addColumn("testing", "text")
          .addColumn("estimate", "text")
          .addColumn("confidence", "double precision")
          .addColumn("document", "text")
          .addColumn("source_references", "text", (column) => column.notNull())
          .addColumn("type", "text")
          .addColumn("position", "text")
          .addColumn("position_revision", "integer", (column) => column.notNull())
          .addColumn("size", "text")
          .addColumn("agent_config", "text", (column) => column.notNull())
          .addColumn("fragment_ids", "text", (column) => column.notNull())
          .addColumn("responsible_id", "text")
          .addColumn("created_by", "text")
          .addColumn("tracker_comment", "text")
          .addColumn("tracker_resolve", "text")
          .addColumn("cloud_provider", "text")
          .addColumn("instance_size", "text")
          .addColumn("blueprint_key", "text")
          .addColumn("generated_text", "text")
          .addColumn("is_stale", "integer", (column) => column.notNull())
          .addColumn("sequence", "bigint", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("updated_at", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("blocks_key", ["workspace_id", "id"])
          .addForeignKeyConstraint("blocks_parent", ["workspace_id", "parent_id"], "blocks", ["workspace_id", "id"], deferred),
      ),
      schema.createIndex("blocks_by_sequence").unique().on("blocks").columns(["workspace_id", "sequence"]),
      schema.createIndex("blocks_by_parent").on("blocks").columns(["workspace_id", "parent_id", "sequence"]),
      schema
        .createIndex("blocks_modules")
        .on("blocks")
        .columns(["workspace_id", "parent_id", "title", "created_at", "id"])
        .where(sql.ref("level"), "=", "module"),
    ],
  },
  {
    id: "0005-removed-blocks",
    tables: [],
    statements: ({ schema }) => [
      schema.alterTable("blocks").addColumn("removed_at", "bigint"),
      // Columns that a count by lane reads are at its end, so that it reads nothing else.
      schema
        .createIndex("blocks_tasks")
        .on("blocks")
        .columns(["workspace_id", "status", "sequence", "parent_id", "pipeline_id"])
        .where(sql<boolean>`level = 'task' and removed_at is null`),
      schema
        .createIndex("blocks_holders")
        .on("blocks")
        .columns(["workspace_id", "level", "sequence"])
        .where(sql<boolean>`level <> 'task' and removed_at is null`),
    ],
  },
];
