import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const membershipMigrations: readonly Migration[] = [
  {
    id: "0006-memberships",
    tables: ["memberships", "departures"],
    statements: ({ schema }) => [
      schema
        .createTable("memberships")
        .addColumn("account_id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("roles", "text", (column) => column.notNull())
        .addColumn("is_owner", "integer", (column) => column.notNull())
        .addColumn("since", "bigint", (column) => column.notNull())
        // NOT NULL: a member of an account that is not there has none.
        .addColumn("sort", "text", (column) => column.notNull())
        // NOT NULL guards its changes: see changes.ts.
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("memberships_key", ["account_id", "user_id"]),
      schema.createIndex("memberships_by_age").on("memberships").columns(["account_id", "since", "user_id"]),
      schema.createIndex("memberships_of_user").on("memberships").columns(["user_id", "sort", "account_id"]),
      schema.createIndex("memberships_owners").on("memberships").columns(["account_id", "user_id"]).where(sql.ref("is_owner"), "=", 1),
      schema
        .createTable("departures")
        .addColumn("account_id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("departures_key", ["account_id", "user_id"]),
    ],
  },
];
