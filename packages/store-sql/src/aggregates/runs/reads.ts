import { runEventRecordSchema, taskTypeSchema } from "@millrace/contracts";
import type { RunReads, RunRecord, RunSummary } from "@millrace/kernel";
import type { Kysely, RawBuilder } from "kysely";
import { sql } from "kysely";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { LIVE, NOT_LIVE, NOT_PAUSED, PAUSED } from "./run-status.js";
import type { Tables } from "../tables.js";
import type { RunRow } from "./table.js";
import type { Param, Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import { countSchema, parseJson, parseStored } from "../../stored-shape.logic.js";
import type { Anchor } from "../../page-anchor.js";
import { NEWEST, anchorOf } from "../../page-anchor.js";

export type SummaryRow = Omit<RunRow, "document" | "shape_version" | "service_id" | "task_type">;
type ListArgs = Anchor & { readonly workspace_id: string; readonly block_id: string; readonly pipeline_id: string; readonly limit: number };

const liveStatusSchema = z.enum(["running", "waiting", "paused", "stopping"]);

export const SUMMARY = [
  "workspace_id",
  "id",
  "block_id",
  "pipeline_id",
  "pipeline_digest",
  "status",
  "revision",
  "created_at",
  "updated_at",
] as const;

export function runReads(connection: SqlConnection, context: RunReads["context"]): RunReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("runs").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const summary = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("runs").select(SUMMARY).where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const revision = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("runs").select("revision").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const anchor = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("runs").select("created_at").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const liveOfBlock = statement<{ workspace_id: string; block_id: string }>()((p) =>
    db.selectFrom("runs").select(SUMMARY).where("workspace_id", "=", p("workspace_id")).where("block_id", "=", p("block_id")).where(LIVE),
  );
  const liveCounts = statement<object>()(() =>
    db
      .selectFrom("runs")
      .select(["status", (eb) => eb.fn.countAll<number>().as("runs")])
      .where(LIVE)
      .groupBy("status"),
  );
  const stuck = statement<{ limit: number }>()((p) =>
    db
      .selectFrom("runs")
      .leftJoin("wakeups", (join) => join.onRef("wakeups.workspace_id", "=", "runs.workspace_id").onRef("wakeups.run_id", "=", "runs.id"))
      .select(["runs.workspace_id", "runs.id", "runs.status", "runs.updated_at"])
      .where(LIVE)
      .where("status", "in", [sql.lit("running"), sql.lit("stopping")])
      .where("wakeups.run_id", "is", null)
      .orderBy("runs.updated_at")
      .orderBy("runs.id")
      .limit(p("limit")),
  );
  const list = listStatements(db);
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toRecord(row);
    },
    async summary(workspaceId, id) {
      const [row] = await connection.all(summary, { workspace_id: workspaceId, id });
      return row === undefined ? null : toSummary(row);
    },
    async revision(workspaceId, id) {
      const [row] = await connection.all(revision, { workspace_id: workspaceId, id });
      return row === undefined ? null : parseStored(countSchema, row.revision, { entity: "run", id });
    },
    context,
    async liveCounts() {
      const counts = { running: 0, waiting: 0, paused: 0, stopping: 0 };
      for (const { status, runs } of await connection.all(liveCounts, {}))
        counts[parseStored(liveStatusSchema, status, { entity: "run", id: "of any" })] = Number(runs);
      return counts;
    },
    async stuck(limit) {
      return (await connection.all(stuck, { limit: checkLimit(limit, MAX_PAGE) })).map((row) => ({
        workspaceId: row.workspace_id,
        runId: row.id,
        status: parseStored(liveStatusSchema, row.status, { entity: "run", id: row.id }),
        updatedAt: row.updated_at,
      }));
    },
    async liveOfBlock(workspaceId, blockId) {
      const [row] = await connection.all(liveOfBlock, { workspace_id: workspaceId, block_id: blockId });
      return row === undefined ? null : toSummary(row);
    },
    async list(workspaceId, filter, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const start = await anchorOf(page.after, NEWEST, (id) => connection.all(anchor, { workspace_id: workspaceId, id }));
      const query = list(filter);
      const args = { ...start, workspace_id: workspaceId, block_id: filter.blockId ?? "", pipeline_id: filter.pipelineId ?? "", limit };
      return (await connection.all(query, args)).map(toSummary);
    },
  };
}

type Filter = Parameters<RunReads["list"]>[1];
type Condition = RawBuilder<boolean>;

/** One statement per combination of filters, compiled on first use: an optional condition inside a statement would cost the index. */
function listStatements(db: Kysely<Tables>): (filter: Filter) => Statement<ListArgs, SummaryRow> {
  const compiled = new Map<string, Statement<ListArgs, SummaryRow>>();
  return (filter) => {
    const of = { block: filter.blockId !== undefined, pipeline: filter.pipelineId !== undefined };
    const name = [of.block, of.pipeline, filter.live, filter.paused].join();
    const known =
      compiled.get(name) ?? listStatement(db, of, [...either(filter.live, LIVE, NOT_LIVE), ...either(filter.paused, PAUSED, NOT_PAUSED)]);
    compiled.set(name, known);
    return known;
  };
}

function either(wanted: boolean | undefined, yes: Condition, no: Condition): readonly Condition[] {
  if (wanted === undefined) return [];
  return [wanted ? yes : no];
}

function listStatement(
  db: Kysely<Tables>,
  of: { readonly block: boolean; readonly pipeline: boolean },
  conditions: readonly Condition[],
): Statement<ListArgs, SummaryRow> {
  return statement<ListArgs>()((p: Param<ListArgs>) => {
    const page = db
      .selectFrom("runs")
      .select(SUMMARY)
      .where("workspace_id", "=", p("workspace_id"))
      .where(sql<boolean>`(created_at, id) < (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(p("limit"));
    const ofBlock = of.block ? page.where("block_id", "=", p("block_id")) : page;
    const placed = of.pipeline ? ofBlock.where("pipeline_id", "=", p("pipeline_id")) : ofBlock;
    return conditions.reduce((query, condition) => query.where(condition), placed);
  });
}

const statusSchema = z.enum(["running", "waiting", "paused", "stopping", "done", "failed", "cancelled"]);
const summarySchema: z.ZodType<RunSummary> = z.object({
  id: z.string(),
  workspaceId: z.string(),
  blockId: z.string(),
  pipeline: z.object({ id: z.string(), digest: z.string() }),
  status: statusSchema,
  revision: countSchema,
  createdAt: countSchema,
  updatedAt: countSchema,
});

export function toSummary(row: SummaryRow): RunSummary {
  const value = {
    id: row.id,
    workspaceId: row.workspace_id,
    blockId: row.block_id,
    pipeline: { id: row.pipeline_id, digest: row.pipeline_digest },
    status: row.status,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
  return parseStored(summarySchema, value, { entity: "run", id: row.id });
}

export function toRecord(row: RunRow & { readonly ended: string | null }): RunRecord {
  const document = parseJson(row.document, { entity: "run", id: row.id });
  const taskType = parseStored(taskTypeSchema.nullable(), row.task_type, { entity: "run", id: row.id });
  const record = { ...toSummary(row), serviceId: row.service_id, taskType, shapeVersion: row.shape_version, document };
  if (row.ended === null) return record;
  const ended = parseJson(row.ended, { entity: "run", id: row.id });
  return { ...record, ended: parseStored(runEventRecordSchema, ended, { entity: "run", id: row.id }) };
}
