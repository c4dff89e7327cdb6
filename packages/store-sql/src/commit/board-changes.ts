import type { Block, BoardEvent, MergePreset, Pipeline, Workspace, WorkspaceSettings } from "@millrace/contracts";
import type { BlockPatch } from "@millrace/kernel";
import { blockInUse, MillraceError, notFound } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlBuilder, Step } from "../connection.js";
import { named, step, stepOf } from "../connection.js";
import type { MomentDialect } from "../dialect.js";
import type { BlockRow, Tables } from "../schema/tables.js";
import type { SqlValue, Statement } from "../statement.js";
import { statement } from "../statement.js";
import { LIVE } from "../schema/run-status.js";
import { rowTable, type ColumnType } from "./given-rows.js";
import { fewerThan, missingRow, missingWorkspace, nothingFrom, refuseWhen } from "./guards.js";

/** Steps of the changes that touch a workspace's board. */
export interface BoardChanges {
  insertWorkspace(workspace: Workspace): readonly Step[];
  putSettings(workspaceId: string, settings: WorkspaceSettings): readonly Step[];
  insertBlock(block: Block): readonly Step[];
  patchBlock(workspaceId: string, id: string, patch: BlockPatch): readonly Step[];
  moveBlock(workspaceId: string, id: string, parentId: string): readonly Step[];
  releaseBlock(workspaceId: string, id: string, runId: string): readonly Step[];
  putPipeline(workspaceId: string, pipeline: Pipeline): readonly Step[];
  putPreset(preset: MergePreset): readonly Step[];
  appendEvent(workspaceId: string, event: BoardEvent): readonly Step[];
}

export function boardChanges({ db, dialect }: SqlBuilder): BoardChanges {
  const insertWorkspace = statement<Tables["workspaces"]>()((p) =>
    db.insertInto("workspaces").values({ id: p("id"), name: p("name"), settings: p("settings"), created_at: p("created_at") }),
  );
  const insertBlock = insertBlockStatement(db);
  const blockGuard = missingRow(db, "blocks");
  const workspaceGuard = missingWorkspace(db);
  const patchBlock = dialect.moments === null ? patchInTurn(db, blockGuard) : patchAtOnce(db, blockGuard, dialect.moments);
  const moveBlock = statement<BlockKey & { parent_id: string }>()((p) =>
    db
      .updateTable("blocks")
      .set({ parent_id: p("parent_id") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const putPipeline = statement<Tables["pipelines"]>()((p) =>
    db
      .insertInto("pipelines")
      .values({ workspace_id: p("workspace_id"), id: p("id"), document: p("document") })
      .onConflict((conflict) => conflict.columns(["workspace_id", "id"]).doUpdateSet((eb) => ({ document: eb.ref("excluded.document") }))),
  );
  const putPreset = statement<Tables["presets"]>()((p) =>
    db
      .insertInto("presets")
      .values({ workspace_id: p("workspace_id"), id: p("id"), is_default: p("is_default"), document: p("document") })
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "id"])
          .doUpdateSet((eb) => ({ is_default: eb.ref("excluded.is_default"), document: eb.ref("excluded.document") })),
      ),
  );
  const appendEvent = statement<{ workspace_id: string; entry: string }>()((p) =>
    db.insertInto("events").values({ workspace_id: p("workspace_id"), run_id: null, sequence: null, entry: p("entry") }),
  );
  return {
    insertWorkspace: ({ id, name, settings, createdAt }) => [
      step(insertWorkspace, { id, name, settings: JSON.stringify(settings), created_at: createdAt }, taken("workspace", id)),
    ],
    putSettings: putSettingsSteps(db),
    insertBlock: (block) => [step(insertBlock, blockRow(block), taken("block", block.id))],
    patchBlock,
    /** The parent is a foreign key: a missing one is refused at the end of the commit. */
    moveBlock: (workspaceId, id, parentId) => {
      const key = { workspace_id: workspaceId, id };
      return [step(blockGuard, key, { check: () => notFound("block", id) }), step(moveBlock, { ...key, parent_id: parentId })];
    },
    releaseBlock: releaseBlockSteps(db),
    putPipeline: (workspaceId, pipeline) => [
      step(putPipeline, { workspace_id: workspaceId, id: pipeline.id, document: JSON.stringify(pipeline) }),
    ],
    putPreset: (preset) => [
      step(putPreset, {
        workspace_id: preset.workspaceId,
        id: preset.id,
        is_default: preset.isDefault ? 1 : 0,
        document: JSON.stringify(preset),
      }),
    ],
    appendEvent: (workspaceId, event) => [
      step(appendEvent, { workspace_id: workspaceId, entry: JSON.stringify(event) }),
      // The same commit may insert the workspace behind its event.
      { ...step(workspaceGuard, { id: workspaceId }, { check: () => notFound("workspace", workspaceId) }), atEnd: true },
    ],
  };
}

/**
 * The write has its own condition, so that a writer it waited for is seen; the guard behind it refuses the commit when nothing was
 * written.
 */
function releaseBlockSteps(db: Kysely<Tables>): BoardChanges["releaseBlock"] {
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
  return (workspaceId, id, runId) => {
    const key = { workspace_id: workspaceId, id };
    return [step(release, { ...key, run_id: runId }), step(guard, key, { check: () => blockInUse(id, runId) })];
  };
}

/** Refusal of an insert whose id is in use. */
export function taken(entity: string, id: string): NonNullable<Step["refusals"]> {
  return {
    "primary-key": () =>
      new MillraceError("conflict", `${entity} '${id}' exists already`, { fix: "Use a fresh id.", details: { entity, id } }),
  };
}

function putSettingsSteps(db: Kysely<Tables>): BoardChanges["putSettings"] {
  const guard = missingWorkspace(db);
  const update = statement<{ id: string; settings: string }>()((p) =>
    db
      .updateTable("workspaces")
      .set({ settings: p("settings") })
      .where("id", "=", p("id")),
  );
  return (id, settings) => [
    step(guard, { id }, { check: () => notFound("workspace", id) }),
    step(update, { id, settings: JSON.stringify(settings) }),
  ];
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
      created_at: p("created_at"),
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
    created_at: block.createdAt,
  };
}

type PatchColumn =
  | "description"
  | "status"
  | "progress"
  | "run_id"
  | "pull_request"
  | "merged"
  | "estimate"
  | "confidence"
  | "document"
  | "testing";
type PatchRow = { readonly [Column in PatchColumn]?: BlockRow[Column] };
type BlockKey = { workspace_id: string; id: string };

/** A statement per set of patched columns, compiled when first needed: an unset column is not written. */
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

function patchInTurn(db: Kysely<Tables>, guard: Statement<BlockKey, unknown>): BoardChanges["patchBlock"] {
  const updateOf = byColumns((columns) => patchStatement(db, columns, false));
  return (workspaceId, id, patch) => {
    const row = patchRow(patch);
    const columns = Object.keys(row) as PatchColumn[];
    const key = { workspace_id: workspaceId, id };
    const guarded = step(guard, key, { check: () => notFound("block", id) });
    return columns.length === 0 ? [guarded] : [guarded, step(updateOf(columns), { ...row, ...key })];
  };
}

const PATCH_TYPES: Readonly<Record<PatchColumn, ColumnType>> = {
  description: "text",
  status: "text",
  progress: "double precision",
  run_id: "text",
  pull_request: "text",
  merged: "text",
  estimate: "text",
  confidence: "double precision",
  document: "text",
  testing: "text",
};

/** Refused unless every block was there to be written. */
function patchAtOnce(db: Kysely<Tables>, guard: Statement<BlockKey, unknown>, moments: MomentDialect): BoardChanges["patchBlock"] {
  const unpatched = nothingFrom(db, "patched_block");
  const of = byColumns((columns) => ({ update: patchStatement(db, columns, true), many: patchMany(db, columns, moments) }));
  return (workspaceId, id, patch) => {
    const row = patchRow(patch);
    const columns = Object.keys(row) as PatchColumn[];
    const key = { workspace_id: workspaceId, id };
    const refusals = { check: () => notFound("block", id) };
    if (columns.length === 0) return [step(guard, key, refusals)];
    const { update, many } = of(columns);
    const patched = named("patched_block", update, { ...row, ...key });
    return [{ ...step(unpatched, {}, refusals), with: [patched], tables: ["blocks"], many: many({ ...key, ...row }) }];
  };
}

function patchMany(db: Kysely<Tables>, columns: readonly PatchColumn[], moments: MomentDialect): (row: BlockKey & PatchRow) => Step {
  const types = Object.fromEntries(columns.map((column) => [column, PATCH_TYPES[column]]));
  const given = rowTable<BlockKey & PatchRow>(moments, "block_rows", { workspace_id: "text", id: "text", ...types });
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
  const patched = named("patched_blocks", update, {});
  const guard = fewerThan(db, "patched_blocks", "block_rows");
  return (row) => ({ ...stepOf(guard, given([row])), with: [patched] });
}

function patchRow(patch: BlockPatch): PatchRow {
  return {
    ...(patch.description === undefined ? {} : { description: patch.description }),
    ...(patch.status === undefined ? {} : { status: patch.status }),
    ...(patch.progress === undefined ? {} : { progress: patch.progress }),
    ...(patch.runId === undefined ? {} : { run_id: patch.runId }),
    ...(patch.pullRequest === undefined ? {} : { pull_request: json(patch.pullRequest) }),
    ...(patch.merged === undefined ? {} : { merged: json(patch.merged) }),
    ...(patch.estimate === undefined ? {} : { estimate: json(patch.estimate) }),
    ...(patch.confidence === undefined ? {} : { confidence: patch.confidence }),
    ...(patch.document === undefined ? {} : { document: json(patch.document) }),
    ...(patch.testing === undefined ? {} : { testing: json(patch.testing) }),
  };
}

function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
