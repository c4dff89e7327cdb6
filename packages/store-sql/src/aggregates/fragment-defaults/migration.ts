import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const fragmentDefaultMigrations: readonly Migration[] = [
  {
    id: "0006-fragment-defaults",
    tables: ["fragment_defaults"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("fragment_defaults")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("ids", "text", (column) => column.notNull())
          // NOT NULL is the revision guard: see commit/next-revision.ts.
          .addColumn("revision", "integer", (column) => column.notNull())
          .addPrimaryKeyConstraint("fragment_defaults_key", ["workspace_id"]),
      ),
    ],
  },
];
