import type { Migration } from "../../schema/migration.js";

export const auditMigrations: readonly Migration[] = [
  {
    id: "0006-audit",
    // Beside the log, not in it: the details of a run go after a while, who decided what stays.
    tables: ["audit"],
    statements: ({ schema }, { log }) => [
      log
        .columns(schema.createTable("audit"))
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("actor", "text", (column) => column.notNull())
        .addColumn("type", "text", (column) => column.notNull())
        .addColumn("block_id", "text")
        .addColumn("entry", "text", (column) => column.notNull()),
      schema.createIndex("audit_by_time").on("audit").columns(["workspace_id", "at", "cursor"]),
      schema.createIndex("audit_of_actor").on("audit").columns(["workspace_id", "actor", "at", "cursor"]),
      schema.createIndex("audit_of_type").on("audit").columns(["workspace_id", "type", "at", "cursor"]),
      schema.createIndex("audit_of_block").on("audit").columns(["workspace_id", "block_id", "at", "cursor"]),
    ],
  },
];
