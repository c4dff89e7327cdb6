import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const modelDefaultMigrations: readonly Migration[] = [
  {
    id: "0006-model-defaults",
    tables: ["model_defaults"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("model_defaults")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("kind", "text", (column) => column.notNull())
          .addColumn("model", "text", (column) => column.notNull())
          // NOT NULL is the revision guard: see commit/next-revision.ts.
          .addColumn("revision", "integer", (column) => column.notNull())
          .addPrimaryKeyConstraint("model_defaults_key", ["workspace_id", "kind"]),
      ),
    ],
  },
];
