import type { Migration } from "../../schema/migration.js";

export const fragmentMigrations: readonly Migration[] = [
  {
    id: "0006-fragments",
    tables: ["fragments", "hidden_fragments"],
    statements: ({ schema }) => [
      schema
        .createTable("fragments")
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        // NOT NULL is the revision guard.
        .addColumn("version", "integer", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("fragments_key", ["owner", "id"]),
      schema
        .createTable("hidden_fragments")
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("hidden_fragments_key", ["owner", "id"]),
    ],
  },
];
