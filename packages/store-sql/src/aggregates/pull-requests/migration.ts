import { sql } from "kysely";
import type { Migration } from "../../schema/migration.js";

export const pullRequestMigrations: readonly Migration[] = [
  {
    id: "0001-pull-requests",
    tables: ["pull_requests", "checks"],
    statements: ({ schema }) => [
      schema
        .createTable("pull_requests")
        .addColumn("repository", "text", (column) => column.notNull())
        .addColumn("number", "integer", (column) => column.notNull())
        .addColumn("branch", "text", (column) => column.notNull())
        .addColumn("base", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("merged_as", "text")
        .addColumn("merged_head", "text")
        .addColumn("merged_base", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("pull_requests_key", ["repository", "number"]),
      schema
        .createIndex("pull_requests_one_open_per_branch")
        .unique()
        .on("pull_requests")
        .columns(["repository", "branch"])
        .where(sql.ref("state"), "=", "open"),
      schema
        .createTable("checks")
        .addColumn("repository", "text", (column) => column.notNull())
        .addColumn("head", "text", (column) => column.notNull())
        .addColumn("settings", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("checks_key", ["repository", "head", "settings", "name"]),
    ],
  },
  {
    id: "0005-pull-requests-per-base",
    tables: [],
    // One open pull request for each branch and base: one to another base is not taken for it.
    statements: ({ schema }) => [
      schema.alterTable("pull_requests").addColumn("opened_head", "text"),
      schema.alterTable("pull_requests").addColumn("opened_base", "text"),
      schema.dropIndex("pull_requests_one_open_per_branch"),
      schema
        .createIndex("pull_requests_one_open_per_base")
        .unique()
        .on("pull_requests")
        .columns(["repository", "branch", "base"])
        .where(sql.ref("state"), "=", "open"),
      schema
        .createIndex("pull_requests_merged_per_base")
        .on("pull_requests")
        .columns(["repository", "branch", "base", "number"])
        .where(sql.ref("state"), "=", "merged"),
    ],
  },
];
