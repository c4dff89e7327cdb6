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
          .addColumn("document", "text", (column) => column.notNull())
          .addPrimaryKeyConstraint("presets_key", ["workspace_id", "id"]),
      ),
    ],
  },
];
