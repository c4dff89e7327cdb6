import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const machineJobMigrations: readonly Migration[] = [
  {
    id: "0005-machine-jobs",
    tables: ["machine_jobs"],
    statements: ({ schema }) => [
      // No foreign key to the run: what a machine works on belongs to the host, whose database may be another one.
      schema
        .createTable("machine_jobs")
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("machine", "text", (column) => column.notNull())
        .addColumn("seen_at", "bigint", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("is_open", "integer", (column) => column.notNull())
        .addColumn("outcome", "text")
        // NOT NULL guards its changes: see changes.ts.
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("machine_jobs_key", ["key"]),
      schema.createIndex("machine_jobs_open").on("machine_jobs").columns(["machine", "key"]).where(sql.ref("is_open"), "=", 1),
    ],
  },
];
