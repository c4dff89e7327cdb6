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
        .addColumn("settings", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("account_id", "text")
        .addColumn("deleting_at", "bigint")
        .addPrimaryKeyConstraint("workspaces_key", ["id"]),
      schema.createIndex("workspaces_by_age").on("workspaces").columns(["created_at", "id"]),
    ],
  },
];
