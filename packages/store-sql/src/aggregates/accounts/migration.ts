import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const accountMigrations: readonly Migration[] = [
  {
    id: "0006-accounts",
    tables: ["accounts"],
    statements: ({ schema }) => [
      schema
        .createTable("accounts")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("sort", "text", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addColumn("deleting_at", "bigint")
        // NOT NULL guards its changes: see changes.ts.
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("accounts_key", ["id"]),
      schema.createIndex("accounts_deleting").on("accounts").columns(["deleting_at", "id"]).where(sql.ref("deleting_at"), "is not", null),
    ],
  },
];
