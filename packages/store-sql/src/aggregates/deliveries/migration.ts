import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const deliveryMigrations: readonly Migration[] = [
  {
    id: "0001-deliveries",
    tables: ["channels", "deliveries"],
    statements: ({ schema }, { updatedOften }) => [
      updatedOften(
        schema
          .createTable("channels")
          .addColumn("channel", "text", (column) => column.notNull())
          .addColumn("cursor", "text", (column) => column.notNull())
          .addColumn("made", "bigint", (column) => column.notNull())
          .addColumn("lease_until", "bigint", (column) => column.notNull())
          // NOT NULL guards its changes: see changes.ts.
          .addColumn("revision", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("channels_key", ["channel"]),
      ),
      // No foreign key to the workspace: deliveries belong to the host, whose database may be another one.
      schema
        .createTable("deliveries")
        .addColumn("channel", "text", (column) => column.notNull())
        .addColumn("number", "bigint", (column) => column.notNull())
        .addColumn("cursor", "text", (column) => column.notNull())
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("entry", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("next_attempt_at", "bigint", (column) => column.notNull())
        .addColumn("last_error", "text")
        .addPrimaryKeyConstraint("deliveries_key", ["channel", "number"]),
      schema.createIndex("deliveries_pending").on("deliveries").columns(["channel", "number"]).where(sql.ref("status"), "=", "pending"),
    ],
  },
  {
    id: "0005-deliveries-at",
    tables: [],
    statements: ({ schema }) => [
      schema.alterTable("deliveries").addColumn("at", "bigint", (column) => column.notNull().defaultTo(0)),
      schema.createIndex("deliveries_over").on("deliveries").columns(["workspace_id", "at", "channel", "number"]),
    ],
  },
];
