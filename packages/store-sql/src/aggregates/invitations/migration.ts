import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const invitationMigrations: readonly Migration[] = [
  {
    id: "0006-invitations",
    tables: ["invitations"],
    statements: ({ schema }) => [
      schema
        .createTable("invitations")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("account_id", "text", (column) => column.notNull())
        .addColumn("email", "text", (column) => column.notNull())
        .addColumn("roles", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("token_digest", "text", (column) => column.notNull())
        .addColumn("invited_by", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("ended_at", "bigint")
        .addColumn("over_at", "bigint", (column) => column.notNull())
        .addColumn("revision", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("invitations_key", ["id"]),
      schema.createIndex("invitations_by_age").on("invitations").columns(["account_id", "created_at", "id"]),
      schema
        .createIndex("invitations_one_pending")
        .unique()
        .on("invitations")
        .columns(["account_id", "email"])
        .where(sql.ref("status"), "=", "pending"),
      schema.createIndex("invitations_by_token").on("invitations").columns(["token_digest"]),
      schema.createIndex("invitations_over").on("invitations").columns(["over_at", "id"]),
    ],
  },
];
