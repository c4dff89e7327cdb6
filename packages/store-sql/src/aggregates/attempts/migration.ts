import type { Migration } from "../../schema/migration.js";

export const attemptMigrations: readonly Migration[] = [
  {
    id: "0006-attempts",
    tables: ["attempts"],
    statements: ({ schema }) => [
      schema
        .createTable("attempts")
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("started_at", "bigint", (column) => column.notNull())
        // NOT NULL is the limit: see changes.ts.
        .addColumn("count", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("attempts_key", ["key"]),
      schema.createIndex("attempts_by_age").on("attempts").columns(["started_at", "key"]),
    ],
  },
];
