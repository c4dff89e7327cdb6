import type { Migration } from "../../schema/migration.js";

export const sessionMigrations: readonly Migration[] = [
  {
    id: "0006-sessions",
    tables: ["sessions"],
    statements: ({ schema }) => [
      schema
        .createTable("sessions")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("digest", "text", (column) => column.notNull())
        .addColumn("way", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("last_seen_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("ended_at", "bigint")
        // NOT NULL guards its changes: see changes.ts.
        .addColumn("over_at", "bigint", (column) => column.notNull())
        .addColumn("confirmed_until", "bigint")
        .addPrimaryKeyConstraint("sessions_key", ["id"]),
      schema.createIndex("sessions_of_user").on("sessions").columns(["user_id", "created_at", "id"]),
      schema.createIndex("sessions_over").on("sessions").columns(["over_at", "id"]),
    ],
  },
];
