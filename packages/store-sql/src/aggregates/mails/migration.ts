import type { Migration } from "../../schema/migration.js";

export const mailMigrations: readonly Migration[] = [
  {
    id: "0006-mails",
    tables: ["mails"],
    statements: ({ schema }) => [
      schema
        .createTable("mails")
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        // NOT NULL guards the next attempt: see changes.ts.
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("next_attempt_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("mails_key", ["key"]),
      schema.createIndex("mails_due").on("mails").columns(["next_attempt_at", "key"]),
    ],
  },
];
