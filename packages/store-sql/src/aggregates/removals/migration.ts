import { sql } from "kysely";
import { ofWorkspace } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const removalMigrations: readonly Migration[] = [
  {
    id: "0006-removals",
    tables: ["removals"],
    statements: ({ schema }) => [
      // No foreign key to the block: its row may go before the removal ends.
      ofWorkspace(
        schema
          .createTable("removals")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("root_id", "text", (column) => column.notNull())
          .addColumn("title", "text", (column) => column.notNull())
          .addColumn("level", "text", (column) => column.notNull())
          .addColumn("actor", "text", (column) => column.notNull())
          .addColumn("on_behalf_of", "text")
          .addColumn("due_at", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("removals_key", ["workspace_id", "root_id"]),
      ),
      schema.createIndex("removals_due").on("removals").columns(["due_at", "workspace_id", "root_id"]),
      schema
        .createIndex("blocks_one_per_blueprint_key")
        .unique()
        .on("blocks")
        .columns(["workspace_id", "parent_id", "blueprint_key"])
        .where(sql<boolean>`blueprint_key is not null and removed_at is null`),
      schema
        .createIndex("blocks_on_board")
        .on("blocks")
        .columns(["workspace_id", "parent_id", "id"])
        .where(sql<boolean>`removed_at is null`),
    ],
  },
];
