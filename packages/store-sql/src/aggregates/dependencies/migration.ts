import { deferred } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const dependencyMigrations: readonly Migration[] = [
  {
    id: "0006-dependencies",
    tables: ["dependencies"],
    statements: ({ schema }) => [
      schema
        .createTable("dependencies")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("block_id", "text", (column) => column.notNull())
        .addColumn("on_id", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("dependencies_key", ["workspace_id", "block_id", "on_id"])
        .addForeignKeyConstraint("dependencies_block", ["workspace_id", "block_id"], "blocks", ["workspace_id", "id"], deferred)
        .addForeignKeyConstraint("dependencies_on", ["workspace_id", "on_id"], "blocks", ["workspace_id", "id"], deferred),
      schema.createIndex("dependencies_by_on").on("dependencies").columns(["workspace_id", "on_id", "block_id"]),
    ],
  },
];
