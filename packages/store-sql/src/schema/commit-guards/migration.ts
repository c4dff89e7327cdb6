import { sql } from "kysely";
import type { Migration } from "../migration.js";

export const commitGuardMigrations: readonly Migration[] = [
  {
    id: "0001-commit-guards",
    tables: ["commit_guards"],
    statements: ({ schema }) => [
      schema
        .createTable("commit_guards")
        .addColumn("passed", "integer", (column) => column.notNull())
        .addCheckConstraint("commit_guards_passed", sql`passed = 1`),
    ],
  },
];
