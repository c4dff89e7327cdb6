import type { Block, MergePreset, Pipeline, Workspace } from "@millrace/contracts";
import { blockSchema, mergePresetSchema, pipelineSchema, workspaceSchema } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../connection.js";
import { MAX_PAGE, checkLimit } from "../page.logic.js";
import type { BlockRow, Tables } from "../schema/tables.js";
import { statement } from "../statement.js";
import { parseJson, parseStored, parseStoredJson } from "../stored-shape.logic.js";
import type { Anchor } from "./page-queries.js";
import { OLDEST, anchorOf } from "./page-queries.js";

type Key = { readonly workspace_id: string; readonly id: string };
type PageArgs = Anchor & { readonly limit: number };

export function workspaceReads(connection: SqlConnection): Store["workspaces"] {
  const { db } = connection;
  const get = statement<{ id: string }>()((p) => db.selectFrom("workspaces").selectAll().where("id", "=", p("id")));
  const list = statement<PageArgs>()((p) =>
    db
      .selectFrom("workspaces")
      .selectAll()
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  return {
    async get(id) {
      const [row] = await connection.all(get, { id });
      return row === undefined ? null : toWorkspace(row);
    },
    async list(page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, OLDEST, (id) => connection.all(get, { id }));
      return (await connection.all(list, { ...anchor, limit })).map(toWorkspace);
    },
  };
}

export function blockReads(connection: SqlConnection): Store["blocks"] {
  const { db } = connection;
  const get = statement<Key>()((p) =>
    db.selectFrom("blocks").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const services = statement<PageArgs & { workspace_id: string }>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "is", null)
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  const children = statement<PageArgs & { workspace_id: string; parent_id: string }>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "=", p("parent_id"))
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  const moduleByTitle = statement<{ workspace_id: string; parent_id: string; title: string }>()((p) =>
    db
      .selectFrom("blocks")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("parent_id", "=", p("parent_id"))
      .where("level", "=", sql.lit("module"))
      .where("title", "=", p("title"))
      .orderBy("created_at")
      .orderBy("id")
      .limit(sql.lit(1)),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toBlock(row);
    },
    async moduleByTitle(workspaceId, parentId, title) {
      const [row] = await connection.all(moduleByTitle, { workspace_id: workspaceId, parent_id: parentId, title });
      return row === undefined ? null : toBlock(row);
    },
    async children(workspaceId, parentId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const anchor = await anchorOf(page.after, OLDEST, (id) => connection.all(get, { workspace_id: workspaceId, id }));
      const args = { ...anchor, limit, workspace_id: workspaceId };
      const rows =
        parentId === null ? await connection.all(services, args) : await connection.all(children, { ...args, parent_id: parentId });
      return rows.map(toBlock);
    },
  };
}

export function pipelineReads(connection: SqlConnection): Store["pipelines"] {
  const { db } = connection;
  const get = statement<Key>()((p) =>
    db.selectFrom("pipelines").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const list = statement<{ workspace_id: string; after: string; limit: number }>()((p) =>
    db
      .selectFrom("pipelines")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", ">", p("after"))
      .orderBy("id")
      .limit(p("limit")),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toPipeline(row);
    },
    /** By id. */
    async list(workspaceId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      return (await connection.all(list, { workspace_id: workspaceId, after: page.after ?? "", limit })).map(toPipeline);
    },
  };
}

export function presetReads(connection: SqlConnection): Store["presets"] {
  const { db } = connection;
  const get = statement<Key>()((p) =>
    db.selectFrom("presets").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const getDefault = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("presets")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("is_default", "=", sql.lit(1))
      .orderBy("id")
      .limit(sql.lit(1)),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toPreset(row);
    },
    async getDefault(workspaceId) {
      const [row] = await connection.all(getDefault, { workspace_id: workspaceId });
      return row === undefined ? null : toPreset(row);
    },
  };
}

export function toWorkspace(row: Tables["workspaces"]): Workspace {
  const what = { entity: "workspace", id: row.id };
  const settings = parseJson(row.settings, what);
  return parseStored(workspaceSchema, { id: row.id, name: row.name, createdAt: row.created_at, settings }, what);
}

function toPipeline(row: Tables["pipelines"]): Pipeline {
  return parseStoredJson(pipelineSchema, row.document, { entity: "pipeline", id: row.id });
}

export function toPreset(row: Pick<Tables["presets"], "id" | "document">): MergePreset {
  return parseStoredJson(mergePresetSchema, row.document, { entity: "merge preset", id: row.id });
}

/** Every column may be missing where it was joined: the contract says which may not. */
export function toBlock(row: { readonly [Column in keyof BlockRow]: BlockRow[Column] | null }): Block {
  const what = { entity: "block", id: row.id ?? "" };
  const json = (text: string | null): unknown => (text === null ? null : parseJson(text, what));
  const value = {
    id: row.id,
    workspaceId: row.workspace_id,
    level: row.level,
    parentId: row.parent_id,
    title: row.title,
    description: row.description,
    status: row.status,
    progress: row.progress,
    runId: row.run_id,
    pullRequest: json(row.pull_request),
    merged: json(row.merged),
    repository: json(row.repository),
    checks: json(row.checks),
    presetId: row.preset_id,
    pipelineId: row.pipeline_id,
    taskType: row.task_type,
    moduleName: row.module_name,
    modelId: row.model_id,
    testEnvironment: row.test_environment,
    testing: json(row.testing),
    estimate: json(row.estimate),
    confidence: row.confidence,
    document: json(row.document),
    createdAt: row.created_at,
  };
  return parseStored(blockSchema, value, what);
}
