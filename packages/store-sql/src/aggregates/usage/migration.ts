import { ofRun } from "../../schema/foreign-keys.js";
import type { Migration } from "../../schema/migration.js";

export const usageMigrations: readonly Migration[] = [
  {
    id: "0004-usage",
    tables: ["usage"],
    statements: ({ schema }) => [
      ofRun(
        schema
          .createTable("usage")
          .addColumn("workspace_id", "text", (column) => column.notNull())
          .addColumn("key", "text", (column) => column.notNull())
          .addColumn("run_id", "text", (column) => column.notNull())
          .addColumn("kind", "text", (column) => column.notNull())
          .addColumn("model", "text", (column) => column.notNull())
          .addColumn("input_tokens", "bigint")
          .addColumn("output_tokens", "bigint")
          .addColumn("cache_read_tokens", "bigint")
          .addColumn("cache_write_tokens", "bigint")
          .addColumn("cost_micros", "bigint")
          .addColumn("at", "bigint", (column) => column.notNull())
          .addColumn("settled_micros", "bigint")
          .addPrimaryKeyConstraint("usage_key", ["workspace_id", "key"]),
      ),
      schema.createIndex("usage_of_run").on("usage").columns(["workspace_id", "run_id", "at", "key"]),
    ],
  },
];
