import type { Migration } from "../../schema/migration.js";

export const outputMigrations: readonly Migration[] = [
  {
    id: "0001-outputs",
    tables: ["outputs"],
    statements: ({ schema }) => [
      // No foreign key, like events and for the same reason.
      schema
        .createTable("outputs")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("content", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("outputs_key", ["workspace_id", "key"]),
    ],
  },
];
