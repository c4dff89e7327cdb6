import type { Migration } from "../../schema/migration.js";

export const platformEventMigrations: readonly Migration[] = [
  {
    id: "0006-platform-events",
    tables: ["platform_events"],
    statements: (db, { log }) => [
      // A table of its own: where workspaces have a database each, accounts and the host are in another.
      log
        .columns(db.schema.createTable("platform_events"))
        .addColumn("account_id", "text")
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("actor", "text", (column) => column.notNull())
        .addColumn("type", "text", (column) => column.notNull())
        .addColumn("entry", "text", (column) => column.notNull()),
      // Those of the host have no account, and are found by that.
      db.schema
        .createIndex("platform_events_of_account")
        .on("platform_events")
        .columns(["account_id", ...log.order]),
      db.schema.createIndex("platform_events_by_time").on("platform_events").columns(["account_id", "at", "cursor"]),
      db.schema.createIndex("platform_events_of_actor").on("platform_events").columns(["account_id", "actor", "at", "cursor"]),
      db.schema.createIndex("platform_events_of_type").on("platform_events").columns(["account_id", "type", "at", "cursor"]),
    ],
  },
];
