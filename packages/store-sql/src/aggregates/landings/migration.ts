import { ofRun } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const landingMigrations: readonly Migration[] = [
  {
    id: "0004-landings",
    tables: ["landings"],
    statements: ({ schema }) => [
      ofRun(
        schema
          .createTable("landings")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("run_id", "text", (column) => column.notNull())
          .addColumn("lane", "text", (column) => column.notNull())
          .addColumn("ticket", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("landings_key", ["workspace_id", "run_id"]),
      ),
      schema.createIndex("landings_line").on("landings").columns(["workspace_id", "lane", "ticket", "run_id"]),
    ],
  },
];
