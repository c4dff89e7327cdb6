import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const fragmentMigrations: readonly Migration[] = [
  {
    id: "0006-fragments",
    tables: ["fragments", "hidden_fragments"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("fragments")
          // Null: of an account, which lies elsewhere.
          .addColumn("workspace_id", "text")
          .addColumn("owner", "text", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull())
          // NOT NULL is the revision guard.
          .addColumn("version", "integer", (column) => column.notNull())
          .addColumn("document", "text", (column) => column.notNull())
          .addPrimaryKeyConstraint("fragments_key", ["owner", "id"]),
      ),
      ofWorkspace(
        schema
          .createTable("hidden_fragments")
          .addColumn("workspace_id", "text")
          .addColumn("owner", "text", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull())
          .addPrimaryKeyConstraint("hidden_fragments_key", ["owner", "id"]),
      ),
      schema.createIndex("fragments_of_workspace").on("fragments").columns(["workspace_id"]),
      schema.createIndex("hidden_fragments_of_workspace").on("hidden_fragments").columns(["workspace_id"]),
    ],
  },
];
