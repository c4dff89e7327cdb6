import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const mountMigrations: readonly Migration[] = [
  {
    id: "0006-mounts",
    tables: ["mounts"],
    statements: ({ schema }) => [
      ofWorkspace(
        schema
          .createTable("mounts")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("service_id", "text", (column) => column.notNull())
          .addColumn("home_id", "text", (column) => column.notNull())
          .addColumn("x", "double precision", (column) => column.notNull())
          .addColumn("y", "double precision", (column) => column.notNull())
          .addColumn("w", "double precision")
          .addColumn("h", "double precision")
          // NOT NULL is the revision guard: see changes.ts.
          .addColumn("revision", "integer", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("mounts_key", ["workspace_id", "service_id"]),
      ),
      schema.createIndex("mounts_by_age").on("mounts").columns(["workspace_id", "created_at", "service_id"]),
    ],
  },
];
