import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const apiTokenMigrations: readonly Migration[] = [
  {
    id: "0006-api-tokens",
    tables: ["api_tokens"],
    statements: ({ schema }) => [
      schema
        .createTable("api_tokens")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("digest", "text", (column) => column.notNull())
        .addColumn("user_id", "text")
        .addColumn("account_id", "text")
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("scopes", "text", (column) => column.notNull())
        .addColumn("workspaces", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        // A token without an end does not exist.
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("last_used_at", "bigint")
        .addColumn("is_confirmed", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("api_tokens_key", ["id"]),
      schema
        .createIndex("api_tokens_of_user")
        .on("api_tokens")
        .columns(["user_id", "created_at", "id"])
        .where(sql.ref("user_id"), "is not", null),
      schema
        .createIndex("api_tokens_of_account")
        .on("api_tokens")
        .columns(["account_id", "created_at", "id"])
        .where(sql.ref("account_id"), "is not", null),
      schema.createIndex("api_tokens_expiry").on("api_tokens").columns(["expires_at", "id"]),
    ],
  },
];
