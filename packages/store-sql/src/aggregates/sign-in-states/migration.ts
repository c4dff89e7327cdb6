import type { Migration } from "../../schema/migration.js";

export const signInStateMigrations: readonly Migration[] = [
  {
    id: "0006-sign-in-states",
    tables: ["sign_in_states"],
    statements: ({ schema }) => [
      schema
        .createTable("sign_in_states")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("digest", "text", (column) => column.notNull())
        .addColumn("browser", "text", (column) => column.notNull())
        .addColumn("purpose", "text", (column) => column.notNull())
        .addColumn("provider", "text", (column) => column.notNull())
        .addColumn("user_id", "text")
        .addColumn("session_id", "text")
        .addColumn("redirect", "text", (column) => column.notNull())
        .addColumn("invitation", "text")
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("sign_in_states_key", ["id"]),
      schema.createIndex("sign_in_states_one_per_digest").unique().on("sign_in_states").columns(["digest"]),
      schema.createIndex("sign_in_states_of_user").on("sign_in_states").columns(["user_id"]),
      schema.createIndex("sign_in_states_expiry").on("sign_in_states").columns(["expires_at", "id"]),
    ],
  },
];
