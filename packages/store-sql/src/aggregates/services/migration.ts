import type { Migration } from "../../schema/migration.js";

export const serviceMigrations: readonly Migration[] = [
  {
    id: "0006-services",
    tables: ["services", "service_shares"],
    // No foreign keys to workspaces and blocks: where workspaces have a database each, accounts are in another.
    statements: ({ schema }) => [
      schema
        .createTable("services")
        .addColumn("id", "text", (column) => column.notNull())
        // NOT NULL is the guard of its owner: see changes.ts.
        .addColumn("account_id", "text", (column) => column.notNull())
        .addColumn("home_id", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("type", "text")
        .addColumn("repository", "text")
        .addColumn("repository_key", "text")
        .addColumn("directory", "text")
        .addColumn("folder", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("closing", "integer", (column) => column.notNull())
        .addColumn("due_at", "bigint")
        .addPrimaryKeyConstraint("services_key", ["id"]),
      schema.createIndex("services_of_account").on("services").columns(["account_id", "closing", "created_at", "id"]),
      schema
        .createIndex("services_by_repository")
        .on("services")
        .columns(["account_id", "repository_key"])
        .where("repository_key", "is not", null),
      schema.createIndex("services_of_home").on("services").columns(["account_id", "home_id", "id"]),
      schema.createIndex("services_due").on("services").columns(["due_at", "id"]).where("due_at", "is not", null),
      schema
        .createTable("service_shares")
        .addColumn("account_id", "text", (column) => column.notNull())
        .addColumn("service_id", "text", (column) => column.notNull())
        // Not `workspace_id`: the row is the directory's, which removes it, and no row of that workspace.
        .addColumn("board_id", "text", (column) => column.notNull())
        .addColumn("due_at", "bigint")
        .addPrimaryKeyConstraint("service_shares_key", ["service_id", "board_id"]),
      schema.createIndex("service_shares_of_board").on("service_shares").columns(["account_id", "board_id", "service_id"]),
      schema
        .createIndex("service_shares_due")
        .on("service_shares")
        .columns(["due_at", "service_id", "board_id"])
        .where("due_at", "is not", null),
    ],
  },
];
