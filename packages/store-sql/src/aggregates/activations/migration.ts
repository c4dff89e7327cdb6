import { ofRun } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const activationMigrations: readonly Migration[] = [
  {
    id: "0004-activations",
    tables: ["activations"],
    statements: ({ schema }) => [
      ofRun(
        schema
          .createTable("activations")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("run_id", "text", (column) => column.notNull())
          .addColumn("vendor", "text", (column) => column.notNull())
          .addColumn("sealed", "text", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("activations_key", ["workspace_id", "run_id", "vendor"]),
      ),
      schema.createIndex("activations_expiry").on("activations").columns(["expires_at"]),
    ],
  },
];
