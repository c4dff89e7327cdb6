import type { Migration } from "../../schema/migration.js";

export const mailProofMigrations: readonly Migration[] = [
  {
    id: "0006-mail-proofs",
    tables: ["mail_proofs"],
    statements: ({ schema }) => [
      schema
        .createTable("mail_proofs")
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("purpose", "text", (column) => column.notNull())
        .addColumn("digest", "text", (column) => column.notNull())
        .addColumn("user_id", "text")
        .addColumn("email", "text", (column) => column.notNull())
        .addColumn("name", "text")
        .addColumn("password", "text")
        .addColumn("invitation", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("mail_proofs_key", ["id"]),
      schema.createIndex("mail_proofs_one_per_digest").unique().on("mail_proofs").columns(["digest"]),
      schema.createIndex("mail_proofs_of_user").on("mail_proofs").columns(["user_id"]),
      schema.createIndex("mail_proofs_expiry").on("mail_proofs").columns(["expires_at", "id"]),
    ],
  },
];
