import type { Block, BoardEvent, MergePreset, Pipeline, Workspace } from "@millrace/contracts";
import type { BlockPatch } from "@millrace/kernel";
import { MillraceError, notFound } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Step } from "../connection.js";
import { step } from "../connection.js";
import type { BlockRow, Tables } from "../schema/tables.js";
import type { SqlValue, Statement } from "../statement.js";
import { statement } from "../statement.js";

/** Steps of the changes that touch a workspace's board. */
export interface BoardChanges {
  insertWorkspace(workspace: Workspace): readonly Step[];
  insertBlock(block: Block): readonly Step[];
  patchBlock(workspaceId: string, id: string, patch: BlockPatch): readonly Step[];
  putPipeline(workspaceId: string, pipeline: Pipeline): readonly Step[];
  putPreset(preset: MergePreset): readonly Step[];
  appendEvent(workspaceId: string, event: BoardEvent): readonly Step[];
}

export function boardChanges(db: Kysely<Tables>): BoardChanges {
  const insertWorkspace = statement<Tables["workspaces"]>()((p) =>
    db.insertInto("workspaces").values({ id: p("id"), name: p("name"), created_at: p("created_at") }),
  );
  const insertBlock = insertBlockStatement(db);
  const patchBlock = patchBlockSteps(db);
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
    insertWorkspace: ({ id, name, createdAt }) => [step(insertWorkspace, { id, name, created_at: createdAt }, taken("workspace", id))],
    insertBlock: (block) => [step(insertBlock, blockRow(block), taken("block", block.id))],
    patchBlock,
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
    appendEvent: (workspaceId, event) => [step(appendEvent, { workspace_id: workspaceId, entry: JSON.stringify(event) })],
  };
}

/** Refusal of an insert whose id is in use. */
export function taken(entity: string, id: string): NonNullable<Step["refusals"]> {
  return {
    "primary-key": () =>
      new MillraceError("conflict", `${entity} '${id}' exists already`, { fix: "Use a fresh id.", details: { entity, id } }),
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
    created_at: block.createdAt,
  };
}

type PatchColumn = "status" | "progress" | "run_id" | "pull_request" | "merged";
type PatchRow = { readonly [Column in PatchColumn]?: BlockRow[Column] };
interface BlockKey {
  workspace_id: string;
  block_id: string;
}

/** A statement per set of patched columns, compiled when first needed: an unset column is not written. */
function patchBlockSteps(db: Kysely<Tables>): BoardChanges["patchBlock"] {
  const compiled = new Map<string, Statement<BlockKey & Record<string, SqlValue>, unknown>>();
  const guard = blockGuard(db);
  return (workspaceId, id, patch) => {
    const row = patchRow(patch);
    const columns = Object.keys(row) as PatchColumn[];
    const key = { workspace_id: workspaceId, block_id: id };
    const exists = step(guard, key, { check: () => notFound("block", id) });
    if (columns.length === 0) return [exists];
    const name = columns.join();
    const update = compiled.get(name) ?? patchStatement(db, columns);
    compiled.set(name, update);
    return [exists, step(update, { ...row, ...key })];
  };
}

function patchRow(patch: BlockPatch): PatchRow {
  return {
    ...(patch.status === undefined ? {} : { status: patch.status }),
    ...(patch.progress === undefined ? {} : { progress: patch.progress }),
    ...(patch.runId === undefined ? {} : { run_id: patch.runId }),
    ...(patch.pullRequest === undefined ? {} : { pull_request: json(patch.pullRequest) }),
    ...(patch.merged === undefined ? {} : { merged: json(patch.merged) }),
  };
}

function patchStatement(db: Kysely<Tables>, columns: readonly PatchColumn[]): Statement<BlockKey & Record<string, SqlValue>, unknown> {
  return statement<BlockKey & Record<string, SqlValue>>()((p) =>
    db
      .updateTable("blocks")
      .set(Object.fromEntries(columns.map((column) => [column, p(column)])))
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("block_id")),
  );
}

function blockGuard(db: Kysely<Tables>): Statement<BlockKey, unknown> {
  return statement<BlockKey>()((p) =>
    db
      .insertInto("commit_guards")
      .columns(["passed"])
      .expression(
        db
          .selectNoFrom(sql.lit(0).as("passed"))
          .where((eb) =>
            eb.not(
              eb.exists(eb.selectFrom("blocks").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("block_id"))),
            ),
          ),
      ),
  );
}

function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
