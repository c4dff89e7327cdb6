import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const eventMigrations: readonly Migration[] = [
  {
    id: "0001-events",
    tables: ["events"],
    statements: (db, { log }) => [
      ...log.prerequisites(db),
      // No foreign keys: one to the workspace would make every writer lock the same row, and one to the run would be checked for each
      // event, in a commit that has just written the run. The changes state what they need instead (changes.ts).
      log
        .columns(db.schema.createTable("events"))
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text")
        .addColumn("sequence", "bigint")
        .addColumn("entry", "text", (column) => column.notNull()),
      db.schema.createIndex("events_of_run").unique().on("events").columns(["workspace_id", "run_id", "sequence"]),
      db.schema
        .createIndex("events_log")
        .on("events")
        .columns(["workspace_id", ...log.order]),
      db.schema
        .createIndex("events_outside_runs")
        .on("events")
        .columns([...log.order])
        .where(sql.ref("run_id"), "is", null),
    ],
  },
];
