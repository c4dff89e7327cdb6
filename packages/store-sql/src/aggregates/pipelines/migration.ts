import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const pipelineMigrations: readonly Migration[] = [
  {
    id: "0002-pipelines",
    tables: ["pipelines"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("pipelines")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull())
          .addColumn("document", "text", (column) => column.notNull())
          .addPrimaryKeyConstraint("pipelines_key", ["workspace_id", "id"]),
      ),
    ],
  },
];
