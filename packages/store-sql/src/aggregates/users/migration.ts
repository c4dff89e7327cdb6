import type { Migration } from "../../schema/migration.js";

export const userMigrations: readonly Migration[] = [
  {
    id: "0006-users",
    tables: ["users", "identities"],
    statements: ({ schema }) => [
      schema
        .createTable("users")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("email", "text")
        .addColumn("is_email_verified", "integer", (column) => column.notNull())
        .addColumn("avatar_url", "text")
        .addColumn("timezone", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("disabled_at", "bigint")
        // NOT NULL guards its changes: see changes.ts.
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("users_key", ["id"]),
      schema.createIndex("users_one_per_email").unique().on("users").columns(["email"]),
      schema.createIndex("users_by_age").on("users").columns(["created_at", "id"]),
      schema
        .createTable("identities")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("provider", "text", (column) => column.notNull())
        .addColumn("subject", "text", (column) => column.notNull())
        .addColumn("label", "text", (column) => column.notNull())
        .addColumn("name", "text")
        .addColumn("avatar_url", "text")
        .addColumn("digest", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("identities_key", ["provider", "subject"]),
      schema.createIndex("identities_of_user").on("identities").columns(["user_id", "created_at", "id"]),
    ],
  },
];
