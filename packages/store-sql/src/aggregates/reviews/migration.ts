import { deferred, ofRun } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const reviewMigrations: readonly Migration[] = [
  {
    id: "0004-reviews",
    tables: ["reviews", "review_items"],
    statements: ({ schema }) => [
      ofRun(
        schema
          .createTable("reviews")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull())
          .addColumn("block_id", "text", (column) => column.notNull())
          .addColumn("run_id", "text", (column) => column.notNull())
          .addColumn("kind", "text", (column) => column.notNull())
          .addColumn("iteration", "integer", (column) => column.notNull())
          // NOT NULL guards its changes: see changes.ts.
          .addColumn("status", "text", (column) => column.notNull())
          .addColumn("document", "text")
          .addColumn("description", "text", (column) => column.notNull())
          .addColumn("model", "text")
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("reviews_key", ["workspace_id", "id"])
          .addForeignKeyConstraint("reviews_block", ["workspace_id", "block_id"], "blocks", ["workspace_id", "id"], deferred),
      ),
      schema.createIndex("reviews_latest").on("reviews").columns(["workspace_id", "block_id", "kind", "created_at", "iteration", "id"]),
      schema
        .createTable("review_items")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("review_id", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("position", "integer", (column) => column.notNull())
        .addColumn("category", "text", (column) => column.notNull())
        .addColumn("severity", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("detail", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("reply", "text")
        .addPrimaryKeyConstraint("review_items_key", ["workspace_id", "review_id", "id"])
        .addForeignKeyConstraint("review_items_review", ["workspace_id", "review_id"], "reviews", ["workspace_id", "id"], deferred),
      schema.createIndex("review_items_in_order").on("review_items").columns(["workspace_id", "review_id", "position", "id"]),
    ],
  },
];
