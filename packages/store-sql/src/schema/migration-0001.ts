import type { Compilable, CreateTableBuilder, Kysely } from "kysely";
import { sql } from "kysely";
import type { Dialect, LogDialect } from "../dialect.js";
import { LIVE_STATUSES } from "./run-status.js";
import type { Tables } from "./tables.js";

export const initialTables: readonly (keyof Tables)[] = [
  "commit_guards",
  "workspaces",
  "blocks",
  "pipelines",
  "presets",
  "runs",
  "events",
  "outputs",
  "notifications",
  "usage",
  "spend_totals",
  "spend_reservations",
  "reviews",
  "review_items",
  "activations",
  "wakeups",
  "pull_requests",
  "checks",
];

/**
 * Foreign keys are composite: a row cannot point into another workspace. They are checked at the end of
 * the commit, so the order of its changes does not matter.
 */
export function initialSchema(db: Kysely<Tables>, dialect: Dialect): readonly Compilable[] {
  return [
    ...board(db, dialect),
    ...runs(db, dialect),
    ...events(db, dialect.log),
    ...ofRuns(db),
    ...spending(db),
    ...reviews(db),
    ...activations(db),
    ...wakeups(db),
    ...pullRequests(db),
  ];
}

function board({ schema }: Kysely<Tables>, { forUpdates }: Dialect): readonly Compilable[] {
  return [
    // Never holds a row: a guard inserts 0 when what it guards is not so, and the database refuses it.
    schema
      .createTable("commit_guards")
      .addColumn("passed", "integer", (column) => column.notNull())
      .addCheckConstraint("commit_guards_passed", sql`passed = 1`),
    schema
      .createTable("workspaces")
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("settings", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("workspaces_key", ["id"]),
    schema.createIndex("workspaces_by_age").on("workspaces").columns(["created_at", "id"]),
    ofWorkspace(
      forUpdates(schema.createTable("blocks"))
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("level", "text", (column) => column.notNull())
        .addColumn("parent_id", "text")
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("description", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("progress", "double precision", (column) => column.notNull())
        .addColumn("run_id", "text")
        .addColumn("pull_request", "text")
        .addColumn("merged", "text")
        .addColumn("repository", "text")
        .addColumn("checks", "text")
        .addColumn("preset_id", "text")
        .addColumn("pipeline_id", "text")
        .addColumn("task_type", "text", (column) => column.notNull())
        .addColumn("module_name", "text")
        .addColumn("model_id", "text")
        .addColumn("test_environment", "text", (column) => column.notNull())
        .addColumn("testing", "text")
        .addColumn("estimate", "text")
        .addColumn("confidence", "double precision")
        .addColumn("document", "text")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("blocks_key", ["workspace_id", "id"])
        .addForeignKeyConstraint("blocks_parent", ["workspace_id", "parent_id"], "blocks", ["workspace_id", "id"], deferred),
    ),
    schema.createIndex("blocks_by_parent").on("blocks").columns(["workspace_id", "parent_id", "created_at", "id"]),
    schema
      .createIndex("blocks_modules")
      .on("blocks")
      .columns(["workspace_id", "parent_id", "title", "created_at", "id"])
      .where(sql.ref("level"), "=", "module"),
    ofWorkspace(
      schema
        .createTable("pipelines")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("pipelines_key", ["workspace_id", "id"]),
    ),
    ofWorkspace(
      schema
        .createTable("presets")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("is_default", "integer", (column) => column.notNull())
        .addColumn("document", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("presets_key", ["workspace_id", "id"]),
    ),
    schema.createIndex("presets_default").on("presets").columns(["workspace_id", "id"]).where(sql.ref("is_default"), "=", 1),
  ];
}

function runs({ schema }: Kysely<Tables>, { forUpdates }: Dialect): readonly Compilable[] {
  return [
    forUpdates(schema.createTable("runs"))
      .addColumn("workspace_id", "text", (column) => column.notNull())
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("block_id", "text", (column) => column.notNull())
      .addColumn("service_id", "text")
      .addColumn("task_type", "text")
      .addColumn("status", "text", (column) => column.notNull())
      // NOT NULL is the revision guard: see commit/run-changes.ts.
      .addColumn("revision", "bigint", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .addColumn("shape_version", "integer", (column) => column.notNull())
      .addColumn("document", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("runs_key", ["workspace_id", "id"])
      .addForeignKeyConstraint("runs_block", ["workspace_id", "block_id"], "blocks", ["workspace_id", "id"], deferred),
    schema
      .createIndex("runs_one_live_per_block")
      .unique()
      .on("runs")
      .columns(["workspace_id", "block_id"])
      .where(sql.ref("status"), "in", LIVE_STATUSES),
    schema.createIndex("runs_by_age").on("runs").columns(["workspace_id", "created_at", "id"]),
    schema.createIndex("runs_by_block").on("runs").columns(["workspace_id", "block_id", "created_at", "id"]),
    schema.createIndex("runs_live").on("runs").columns(["workspace_id", "created_at", "id"]).where(sql.ref("status"), "in", LIVE_STATUSES),
    schema
      .createIndex("runs_live_of_service")
      .on("runs")
      .columns(["workspace_id", "service_id", "task_type", "id"])
      .where(sql.ref("status"), "in", LIVE_STATUSES),
    schema.createIndex("runs_paused").on("runs").columns(["workspace_id", "created_at", "id"]).where(sql.ref("status"), "=", "paused"),
  ];
}

function events(db: Kysely<Tables>, log: LogDialect): readonly Compilable[] {
  const { schema } = db;
  return [
    ...log.before(db),
    // No foreign keys. That to the workspace would lock one row for every writer; that to the run would be looked up for each event, in
    // a commit that has just written the run. Both are guarded (commit/board-changes.ts, commit/run-changes.ts).
    log
      .columns(schema.createTable("events"))
      .addColumn("workspace_id", "text", (column) => column.notNull())
      .addColumn("run_id", "text")
      .addColumn("sequence", "bigint")
      .addColumn("entry", "text", (column) => column.notNull()),
    schema.createIndex("events_of_run").unique().on("events").columns(["workspace_id", "run_id", "sequence"]),
    schema
      .createIndex("events_log")
      .on("events")
      .columns(["workspace_id", ...log.order]),
  ];
}

function ofRuns({ schema }: Kysely<Tables>): readonly Compilable[] {
  return [
    // Guarded like events, for the same reason (commit/keyed-changes.ts).
    schema
      .createTable("outputs")
      .addColumn("workspace_id", "text", (column) => column.notNull())
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("run_id", "text", (column) => column.notNull())
      .addColumn("content", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("outputs_key", ["workspace_id", "key"]),
    ofRun(
      schema
        .createTable("notifications")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("block_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("type", "text", (column) => column.notNull())
        .addColumn("severity", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("body", "text", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("urgent_at", "bigint", (column) => column.notNull())
        .addColumn("resolved_at", "bigint")
        .addPrimaryKeyConstraint("notifications_key", ["workspace_id", "id"]),
    ),
    schema
      .createIndex("notifications_open")
      .on("notifications")
      .columns(["workspace_id", "created_at", "id"])
      .where(sql.ref("status"), "=", "open"),
    schema
      .createIndex("notifications_overdue")
      .on("notifications")
      .columns(["urgent_at", "id"])
      .where(sql.ref("status"), "=", "open")
      .where(sql.ref("severity"), "=", "normal"),
    schema.createIndex("notifications_of_run").on("notifications").columns(["workspace_id", "run_id", "created_at", "id"]),
    ofRun(
      schema
        .createTable("usage")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("key", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("model", "text", (column) => column.notNull())
        .addColumn("input_tokens", "bigint", (column) => column.notNull())
        .addColumn("output_tokens", "bigint", (column) => column.notNull())
        .addColumn("cost_micros", "bigint")
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("counted", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("usage_key", ["workspace_id", "key"]),
    ),
    schema.createIndex("usage_of_run").on("usage").columns(["workspace_id", "run_id", "at", "key"]),
  ];
}

function spending({ schema }: Kysely<Tables>): readonly Compilable[] {
  return [
    ofWorkspace(
      schema
        .createTable("spend_totals")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("scope", "text", (column) => column.notNull())
        .addColumn("settled_micros", "bigint", (column) => column.notNull())
        // NOT NULL is the guard of a cap: see commit/spend-changes.ts.
        .addColumn("reserved_micros", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("spend_totals_key", ["workspace_id", "scope"]),
    ),
    ofRun(
      schema
        .createTable("spend_reservations")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("scope", "text", (column) => column.notNull())
        .addColumn("micros", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("spend_reservations_key", ["workspace_id", "run_id", "scope"]),
    ),
  ];
}

function reviews({ schema }: Kysely<Tables>): readonly Compilable[] {
  return [
    ofRun(
      schema
        .createTable("reviews")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("block_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("iteration", "integer", (column) => column.notNull())
        // NOT NULL guards its changes: see commit/review-changes.ts.
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
  ];
}

function activations({ schema }: Kysely<Tables>): readonly Compilable[] {
  return [
    ofRun(
      schema
        .createTable("activations")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("vendor", "text", (column) => column.notNull())
        .addColumn("sealed", "text", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("activations_key", ["workspace_id", "run_id", "vendor"]),
    ),
    schema.createIndex("activations_expiry").on("activations").columns(["expires_at"]),
  ];
}

function wakeups({ schema }: Kysely<Tables>): readonly Compilable[] {
  return [
    ofRun(
      schema
        .createTable("wakeups")
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("due_at", "bigint", (column) => column.notNull())
        .addColumn("owner", "text")
        .addColumn("lease_until", "bigint")
        .addPrimaryKeyConstraint("wakeups_key", ["workspace_id", "run_id"]),
    ),
    schema.createIndex("wakeups_due").on("wakeups").columns(["due_at", "workspace_id", "run_id"]),
    schema.createIndex("wakeups_claimed").on("wakeups").columns(["owner"]).where("owner", "is not", null),
  ];
}

function pullRequests({ schema }: Kysely<Tables>): readonly Compilable[] {
  return [
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
  ];
}

function ofWorkspace<Table extends string, Column extends string>(
  table: CreateTableBuilder<Table, Column | "workspace_id">,
): CreateTableBuilder<Table, Column | "workspace_id"> {
  return table.addForeignKeyConstraint("of_workspace", ["workspace_id"], "workspaces", ["id"], deferred);
}

function ofRun<Table extends string, Column extends string>(
  table: CreateTableBuilder<Table, Column | "workspace_id" | "run_id">,
): CreateTableBuilder<Table, Column | "workspace_id" | "run_id"> {
  return table.addForeignKeyConstraint("of_run", ["workspace_id", "run_id"], "runs", ["workspace_id", "id"], deferred);
}

function deferred<Builder extends { deferrable(): Builder; initiallyDeferred(): Builder }>(constraint: Builder): Builder {
  return constraint.deferrable().initiallyDeferred();
}
