import type { Block } from "@millrace/contracts";
import type { BlockChanges, BlockPatch } from "@millrace/kernel";
import { blockInUse, notFound, runInProgress } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import {
  blockRef,
  rowSetToCommit,
  toCommit,
  toCte,
  workspaceRef,
  type ChangeHandlers,
  type CommitStatement,
} from "../../commit/commit-statement.js";
import { fewerThan, missingRow, nothingFrom, refuseWhen, taken } from "../../commit/guards.js";
import { rowSet } from "../../commit/row-set.js";
import type { SqlBuilder } from "../../connection.js";
import type { ColumnType, WritableCteDialect } from "../../dialect.js";
import type { SqlValue, Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import { LIVE } from "../runs/run-status.js";
import { blockLock } from "./block-lock.js";
import type { Tables } from "../tables.js";
import type { BlockRow } from "./table.js";

export function blockChanges(builder: SqlBuilder): ChangeHandlers<BlockChanges> {
  const { db, dialect } = builder;
  const insert = insertBlockStatement(db);
  const missing = missingRow(db, "blocks");
  const move = statement<BlockKey & { parent_id: string }>()((p) =>
    db
      .updateTable("blocks")
      .set({ parent_id: p("parent_id") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  return {
    "insert-block": ({ block }) => [
      {
        ...toCommit(insert, blockRow(block), taken("block", block.id)),
        ensures: blockRef(block.workspaceId, block.id),
        needs: [workspaceRef(block.workspaceId), ...(block.parentId === null ? [] : [blockRef(block.workspaceId, block.parentId)])],
      },
    ],
    "patch-block": dialect.supportsWritableCtes ? patchWithCte(db, missing, dialect) : patchSequentially(db, missing),
    "move-block": ({ workspaceId, id, parentId }) => {
      const key = { workspace_id: workspaceId, id };
      return [
        { ...toCommit(missing, key, { check: () => notFound("block", id) }), ensures: blockRef(workspaceId, id) },
        { ...toCommit(move, { ...key, parent_id: parentId }), needs: [blockRef(workspaceId, parentId)] },
      ];
    },
    "keep-block-idle": keepIdle(builder, missing),
    "release-block": releaseBlock(db),
  };
}

function keepIdle(builder: SqlBuilder, missing: Statement<BlockKey, unknown>): ChangeHandlers<BlockChanges>["keep-block-idle"] {
  const { db } = builder;
  const lock = blockLock(builder);
  const idle = refuseWhen<BlockKey>(db, (eb, p) =>
    eb.exists(eb.selectFrom("runs").select("id").where("workspace_id", "=", p("workspace_id")).where("block_id", "=", p("id")).where(LIVE)),
  );
  return ({ workspaceId, id }) => {
    const key = { workspace_id: workspaceId, id };
    return [
      ...lock(workspaceId, id),
      { ...toCommit(missing, key, { check: () => notFound("block", id) }), ensures: blockRef(workspaceId, id) },
      toCommit(idle, key, { check: () => runInProgress(id) }),
    ];
  };
}

/** The write carries its own condition, so that it sees a writer it waited for; the guard after it refuses the commit if nothing was written. */
function releaseBlock(db: Kysely<Tables>): ChangeHandlers<BlockChanges>["release-block"] {
  const release = statement<BlockKey & { run_id: string }>()((p) =>
    db
      .updateTable("blocks")
      .set({ status: sql.lit("planned"), progress: sql.lit(0), run_id: null })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"))
      .where("run_id", "=", p("run_id"))
      .where("merged", "is", null)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb.selectFrom("runs").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("run_id")).where(LIVE),
          ),
        ),
      ),
  );
  const guard = refuseWhen<BlockKey>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("blocks")
          .select("id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("id", "=", p("id"))
          .where("run_id", "is", null)
          .where("status", "=", sql.lit("planned")),
      ),
    ),
  );
  return ({ workspaceId, id, runId }) => {
    const key = { workspace_id: workspaceId, id };
    return [toCommit(release, { ...key, run_id: runId }), toCommit(guard, key, { check: () => blockInUse(id, runId) })];
  };
}

function insertBlockStatement(db: Kysely<Tables>): Statement<BlockRow, unknown> {
  return statement<BlockRow>()((p) =>
    db.insertInto("blocks").values({
      workspace_id: p("workspace_id"),
      id: p("id"),
      level: p("level"),
      parent_id: p("parent_id"),
      title: p("title"),
      description: p("description"),
      status: p("status"),
      progress: p("progress"),
      run_id: p("run_id"),
      pull_request: p("pull_request"),
      merged: p("merged"),
      repository: p("repository"),
      checks: p("checks"),
      preset_id: p("preset_id"),
      pipeline_id: p("pipeline_id"),
      task_type: p("task_type"),
      module_name: p("module_name"),
      model_id: p("model_id"),
      test_environment: p("test_environment"),
      testing: p("testing"),
      estimate: p("estimate"),
      confidence: p("confidence"),
      document: p("document"),
      source_references: p("source_references"),
      created_at: p("created_at"),
      removed_at: p("removed_at"),
    }),
  );
}

function blockRow(block: Block): BlockRow {
  return {
    workspace_id: block.workspaceId,
    id: block.id,
    level: block.level,
    parent_id: block.parentId,
    title: block.title,
    description: block.description,
    status: block.status,
    progress: block.progress,
    run_id: block.runId,
    pull_request: json(block.pullRequest),
    merged: json(block.merged),
    repository: json(block.repository),
    checks: json(block.checks),
    preset_id: block.presetId,
    pipeline_id: block.pipelineId,
    task_type: block.taskType,
    module_name: block.moduleName,
    model_id: block.modelId,
    test_environment: block.testEnvironment,
    testing: json(block.testing),
    estimate: json(block.estimate),
    confidence: block.confidence,
    document: json(block.document),
    source_references: json(block.references),
    created_at: block.createdAt,
    removed_at: block.removedAt,
  };
}

type PatchColumn =
  | "title"
  | "pipeline_id"
  | "preset_id"
  | "task_type"
  | "module_name"
  | "model_id"
  | "test_environment"
  | "removed_at"
  | "description"
  | "status"
  | "progress"
  | "run_id"
  | "pull_request"
  | "merged"
  | "estimate"
  | "confidence"
  | "document"
  | "source_references"
  | "checks"
  | "testing";
type PatchRow = { readonly [Column in PatchColumn]?: BlockRow[Column] };
type BlockKey = { workspace_id: string; id: string };

/** One statement per set of patched columns, compiled on first use: an unset column is not written. */
function byColumns<Compiled>(compile: (columns: readonly PatchColumn[]) => Compiled): (columns: readonly PatchColumn[]) => Compiled {
  const known = new Map<string, Compiled>();
  return (columns) => {
    const name = columns.join();
    const compiled = known.get(name) ?? compile(columns);
    known.set(name, compiled);
    return compiled;
  };
}

type PatchStatement = Statement<BlockKey & Record<string, SqlValue>, unknown>;

function patchStatement(db: Kysely<Tables>, columns: readonly PatchColumn[], returning: boolean): PatchStatement {
  return statement<BlockKey & Record<string, SqlValue>>()((p) => {
    const update = db
      .updateTable("blocks")
      .set(Object.fromEntries(columns.map((column) => [column, p(column)])))
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id"));
    return returning ? update.returning("id") : update;
  });
}

function patchSequentially(db: Kysely<Tables>, missing: Statement<BlockKey, unknown>): ChangeHandlers<BlockChanges>["patch-block"] {
  const updateOf = byColumns((columns) => patchStatement(db, columns, false));
  return ({ workspaceId, id, patch }) => {
    const row = patchRow(patch);
    const columns = Object.keys(row) as PatchColumn[];
    const key = { workspace_id: workspaceId, id };
    const guard = { ...toCommit(missing, key, { check: () => notFound("block", id) }), ensures: blockRef(workspaceId, id) };
    return columns.length === 0 ? [guard] : [guard, toCommit(updateOf(columns), { ...row, ...key })];
  };
}

const PATCH_TYPES: Readonly<Record<PatchColumn, ColumnType>> = {
  title: "text",
  pipeline_id: "text",
  preset_id: "text",
  task_type: "text",
  module_name: "text",
  model_id: "text",
  test_environment: "text",
  removed_at: "bigint",
  description: "text",
  status: "text",
  progress: "double precision",
  run_id: "text",
  pull_request: "text",
  merged: "text",
  estimate: "text",
  confidence: "double precision",
  document: "text",
  source_references: "text",
  checks: "text",
  testing: "text",
};

/** One statement, refused unless it has changed a row. */
function patchWithCte(
  db: Kysely<Tables>,
  missing: Statement<BlockKey, unknown>,
  dialect: WritableCteDialect,
): ChangeHandlers<BlockChanges>["patch-block"] {
  const guard = nothingFrom(db, "patched_block");
  const of = byColumns((columns) => ({ update: patchStatement(db, columns, true), bulk: bulkPatch(db, columns, dialect) }));
  return ({ workspaceId, id, patch }) => {
    const row = patchRow(patch);
    const columns = Object.keys(row) as PatchColumn[];
    const key = { workspace_id: workspaceId, id };
    const refusals = { check: () => notFound("block", id) };
    const ensures = blockRef(workspaceId, id);
    if (columns.length === 0) return [{ ...toCommit(missing, key, refusals), ensures }];
    const { update, bulk } = of(columns);
    const ctes = [toCte("patched_block", update, { ...row, ...key })];
    return [{ ...toCommit(guard, {}, refusals), ctes, tables: ["blocks"], bulk: bulk({ ...key, ...row }), ensures }];
  };
}

function bulkPatch(
  db: Kysely<Tables>,
  columns: readonly PatchColumn[],
  dialect: WritableCteDialect,
): (row: BlockKey & PatchRow) => CommitStatement {
  const types = Object.fromEntries(columns.map((column) => [column, PATCH_TYPES[column]]));
  const rows = rowSet<BlockKey & PatchRow>(dialect, "block_rows", { workspace_id: "text", id: "text", ...types });
  const update = statement<object>()(() =>
    db
      .withTables<{ block_rows: BlockKey & Record<PatchColumn, SqlValue> }>()
      .updateTable("blocks")
      .from("block_rows")
      .set((eb) => Object.fromEntries(columns.map((column) => [column, eb.ref(`block_rows.${column}`)])))
      .whereRef("blocks.workspace_id", "=", "block_rows.workspace_id")
      .whereRef("blocks.id", "=", "block_rows.id")
      .returning("blocks.id"),
  );
  const ctes = [toCte("patched_blocks", update, {})];
  const guard = fewerThan(db, "patched_blocks", "block_rows");
  return (row) => ({ ...rowSetToCommit(guard, rows([row])), ctes });
}

function patchRow(patch: BlockPatch): PatchRow {
  return {
    ...(patch.title === undefined ? {} : { title: patch.title }),
    ...(patch.pipelineId === undefined ? {} : { pipeline_id: patch.pipelineId }),
    ...(patch.presetId === undefined ? {} : { preset_id: patch.presetId }),
    ...(patch.taskType === undefined ? {} : { task_type: patch.taskType }),
    ...(patch.moduleName === undefined ? {} : { module_name: patch.moduleName }),
    ...(patch.modelId === undefined ? {} : { model_id: patch.modelId }),
    ...(patch.testEnvironment === undefined ? {} : { test_environment: patch.testEnvironment }),
    ...(patch.removedAt === undefined ? {} : { removed_at: patch.removedAt }),
    ...(patch.description === undefined ? {} : { description: patch.description }),
    ...(patch.status === undefined ? {} : { status: patch.status }),
    ...(patch.progress === undefined ? {} : { progress: patch.progress }),
    ...(patch.runId === undefined ? {} : { run_id: patch.runId }),
    ...(patch.pullRequest === undefined ? {} : { pull_request: json(patch.pullRequest) }),
    ...(patch.merged === undefined ? {} : { merged: json(patch.merged) }),
    ...(patch.estimate === undefined ? {} : { estimate: json(patch.estimate) }),
    ...(patch.references === undefined ? {} : { source_references: json(patch.references) }),
    ...(patch.confidence === undefined ? {} : { confidence: patch.confidence }),
    ...(patch.document === undefined ? {} : { document: json(patch.document) }),
    ...(patch.checks === undefined ? {} : { checks: json(patch.checks) }),
    ...(patch.testing === undefined ? {} : { testing: json(patch.testing) }),
  };
}

function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
