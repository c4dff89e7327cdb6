import { sql } from "kysely";
import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const presetMigrations: readonly Migration[] = [
  {
    id: "0002-presets",
    tables: ["presets"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("presets")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull())
          .addColumn("name", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          // NOT NULL is the revision guard: see commit/next-revision.ts.
          .addColumn("revision", "integer", (column) => column.notNull())
          .addColumn("document", "text", (column) => column.notNull())
          .addPrimaryKeyConstraint("presets_key", ["workspace_id", "id"]),
      ),
      schema.createIndex("presets_one_per_name").unique().on("presets").columns(["workspace_id", "name"]),
      schema.createIndex("presets_by_age").on("presets").columns(["workspace_id", "created_at", "id"]),
    ],
  },
  {
    id: "0006-tasks-by-preset",
    tables: [],
    statements: ({ schema }) => [
      schema
        .createIndex("blocks_by_preset")
        .on("blocks")
        .columns(["workspace_id", "preset_id", "id"])
        .where(sql<boolean>`preset_id is not null and removed_at is null`),
    ],
  },
];
