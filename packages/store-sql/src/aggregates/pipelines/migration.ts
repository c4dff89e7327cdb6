import { sql } from "kysely";
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
          // NOT NULL is the revision guard: see commit/next-revision.ts.
          .addColumn("revision", "integer", (column) => column.notNull())
          .addPrimaryKeyConstraint("pipelines_key", ["workspace_id", "id"]),
      ),
    ],
  },
  {
    id: "0006-tasks-by-pipeline",
    tables: [],
    statements: ({ schema }) => [
      schema
        .createIndex("blocks_by_pipeline")
        .on("blocks")
        .columns(["workspace_id", "pipeline_id", "id"])
        .where(sql<boolean>`pipeline_id is not null and removed_at is null`),
    ],
  },
];
