import { ofRun, ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const spendMigrations: readonly Migration[] = [
  {
    id: "0004-spend",
    tables: ["spend_totals", "spend_reservations"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("spend_totals")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("scope", "text", (column) => column.notNull())
          .addColumn("settled_micros", "bigint", (column) => column.notNull())
          // NOT NULL is the guard of a cap: see changes.ts.
          .addColumn("reserved_micros", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("spend_totals_key", ["workspace_id", "scope"]),
      ),
      ofRun(
        schema
          .createTable("spend_reservations")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("run_id", "text", (column) => column.notNull())
          .addColumn("scope", "text", (column) => column.notNull())
          .addColumn("micros", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("spend_reservations_key", ["workspace_id", "run_id", "scope"]),
      ),
    ],
  },
];
