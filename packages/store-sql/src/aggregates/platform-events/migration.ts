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
        .addColumn("entry", "text", (column) => column.notNull()),
      // Those of the host have no account, and are found by that.
      db.schema
        .createIndex("platform_events_of_account")
        .on("platform_events")
        .columns(["account_id", ...log.order]),
    ],
  },
];
