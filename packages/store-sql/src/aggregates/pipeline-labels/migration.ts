import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const pipelineLabelMigrations: readonly Migration[] = [
  {
    id: "0006-pipeline-labels",
    tables: ["pipeline_labels"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("pipeline_labels")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("pipeline_id", "text", (column) => column.notNull())
          .addColumn("labels", "text", (column) => column.notNull())
          .addColumn("archived", "integer", (column) => column.notNull())
          // NOT NULL is the revision guard: see commit/next-revision.ts.
          .addColumn("revision", "integer", (column) => column.notNull())
          .addPrimaryKeyConstraint("pipeline_labels_key", ["workspace_id", "pipeline_id"]),
      ),
    ],
  },
];
