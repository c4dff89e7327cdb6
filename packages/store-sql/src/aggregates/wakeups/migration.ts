import { ofRun } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const wakeUpMigrations: readonly Migration[] = [
  {
    id: "0004-wakeups",
    tables: ["wakeups"],
    statements: ({ schema }) => [
      ofRun(
        schema
          .createTable("wakeups")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("run_id", "text", (column) => column.notNull())
          .addColumn("due_at", "bigint", (column) => column.notNull())
          .addColumn("owner", "text")
          .addColumn("lease_until", "bigint")
          .addPrimaryKeyConstraint("wakeups_key", ["workspace_id", "run_id"]),
      ),
      schema.createIndex("wakeups_due").on("wakeups").columns(["due_at", "workspace_id", "run_id"]),
      schema.createIndex("wakeups_claimed").on("wakeups").columns(["owner"]).where("owner", "is not", null),
    ],
  },
  {
    id: "0005-wakeup-set-at",
    tables: [],
    statements: ({ schema }) => [
      schema.alterTable("wakeups").addColumn("set_at", "bigint", (column) => column.notNull().defaultTo(0)),
      schema.createIndex("wakeups_set").on("wakeups").columns(["set_at"]),
    ],
  },
];
