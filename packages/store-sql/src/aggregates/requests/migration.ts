import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const requestMigrations: readonly Migration[] = [
  {
    id: "0006-requests",
    tables: ["requests"],
    statements: ({ schema }) => [
      schema
        .createTable("requests")
        .addColumn("scope", "text", (column) => column.notNull())
        .addColumn("workspace_id", "text")
        .addColumn("caller", "text", (column) => column.notNull())
        .addColumn("operation", "text", (column) => column.notNull())
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("digest", "text", (column) => column.notNull())
        .addColumn("answer", "text", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("requests_key", ["scope", "caller", "operation", "key"]),
      schema.createIndex("requests_of_workspace").on("requests").columns(["workspace_id"]).where(sql.ref("workspace_id"), "is not", null),
      schema.createIndex("requests_by_age").on("requests").columns(["scope", "caller", "at"]),
    ],
  },
];
