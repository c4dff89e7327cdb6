import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const workspaceMigrations: readonly Migration[] = [
  {
    id: "0001-workspaces",
    tables: ["workspaces"],
    statements: ({ schema }) => [
      schema
        .createTable("workspaces")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("description", "text")
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addColumn("settings", "text", (column) => column.notNull())
        .addColumn("settings_revision", "bigint", (column) => column.notNull())
        // No foreign key: the workspace and its preset would each need the other first.
        .addColumn("default_preset_id", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("account_id", "text")
        .addColumn("deleting_at", "bigint")
        .addColumn("deleting_by", "text")
        .addPrimaryKeyConstraint("workspaces_key", ["id"]),
      schema.createIndex("workspaces_by_age").on("workspaces").columns(["created_at", "id"]),
      schema
        .createIndex("workspaces_of_account")
        .on("workspaces")
        .expression(sql`coalesce(account_id, ''), created_at, id`),
      schema
        .createIndex("workspaces_deleting")
        .on("workspaces")
        .columns(["deleting_at", "id"])
        .where(sql.ref("deleting_at"), "is not", null),
    ],
  },
];
