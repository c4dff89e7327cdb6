import type { Migration } from "../../schema/migration.js";
import { PARTS, hasPart } from "./parts.js";

export const retentionMigrations: readonly Migration[] = [
  {
    id: "0006-retention",
    tables: ["log_starts"],
    statements: ({ schema }) => [
      schema.alterTable("runs").addColumn("trimmed", "integer", (column) => column.notNull().defaultTo(0)),
      schema.alterTable("runs").addColumn("held", "integer", (column) => column.notNull().defaultTo(0)),
      // A live run is in none of them.
      ...Object.entries(PARTS).map(([part, { bit }]) =>
        schema.createIndex(`runs_with_${part}`).on("runs").columns(["workspace_id", "updated_at", "id"]).where(hasPart(bit)),
      ),
      schema.createIndex("outputs_of_run").on("outputs").columns(["workspace_id", "run_id"]),
      schema
        .createTable("log_starts")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("transaction_id", "bigint", (column) => column.notNull())
        .addColumn("event_row", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("log_starts_key", ["workspace_id"]),
    ],
  },
];
