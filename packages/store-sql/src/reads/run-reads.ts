import type { RunRecord, RunSummary, Store } from "@millrace/kernel";
import type { Kysely, SelectQueryBuilder } from "kysely";
import { sql } from "kysely";
import { z } from "zod";
import type { SqlConnection } from "../connection.js";
import { MAX_PAGE, checkLimit } from "../page.logic.js";
import type { RunRow, Tables } from "../schema/tables.js";
import type { Param, Statement } from "../statement.js";
import { statement } from "../statement.js";
import { parseJson, parseStored } from "../stored-shape.logic.js";
import type { Anchor } from "./page-queries.js";
import { NEWEST, anchorOf } from "./page-queries.js";

type SummaryRow = Omit<RunRow, "document" | "shape_version">;
type ListArgs = Anchor & { readonly workspace_id: string; readonly block_id: string; readonly limit: number };

/** Written into the statement: a partial index answers only when the database sees its condition. */
const LIVE = sql<boolean>`status in ('running', 'waiting', 'stopping')`;
const NOT_LIVE = sql<boolean>`status not in ('running', 'waiting', 'stopping')`;
const SUMMARY = ["workspace_id", "id", "block_id", "status", "revision", "created_at", "updated_at"] as const;

export function runReads(connection: SqlConnection): Store["runs"] {
  const { db } = connection;
  const get = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("runs").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
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
  const list = listStatements(db);
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toRecord(row);
    },
    async revision(workspaceId, id) {
      const [row] = await connection.all(revision, { workspace_id: workspaceId, id });
      return row === undefined ? null : parseStored(countSchema, row.revision, { entity: "run", id });
    },
    async liveOfBlock(workspaceId, blockId) {
      const [row] = await connection.all(liveOfBlock, { workspace_id: workspaceId, block_id: blockId });
      return row === undefined ? null : toSummary(row);
    },
    async list(workspaceId, filter, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const start = await anchorOf(page.after, NEWEST, (id) => connection.all(anchor, { workspace_id: workspaceId, id }));
      const query = list[filter.blockId === undefined ? "board" : "block"][liveness(filter.live)];
      return (await connection.all(query, { ...start, workspace_id: workspaceId, block_id: filter.blockId ?? "", limit })).map(toSummary);
    },
  };
}

type Liveness = "any" | "live" | "ended";
type Lists = Readonly<Record<Liveness, Statement<ListArgs, SummaryRow>>>;

function liveness(live: boolean | undefined): Liveness {
  if (live === undefined) return "any";
  return live ? "live" : "ended";
}

/** One statement per combination of filters: a condition that is sometimes off would cost the index. */
function listStatements(db: Kysely<Tables>): Readonly<Record<"board" | "block", Lists>> {
  return { board: lists(db, false), block: lists(db, true) };
}

function lists(db: Kysely<Tables>, ofBlock: boolean): Lists {
  type Query = SelectQueryBuilder<Tables, "runs", SummaryRow>;
  const build = (narrow: (query: Query) => Query): Statement<ListArgs, SummaryRow> =>
    statement<ListArgs>()((p: Param<ListArgs>) => {
      const page = db
        .selectFrom("runs")
        .select(SUMMARY)
        .where("workspace_id", "=", p("workspace_id"))
        .where(sql<boolean>`(created_at, id) < (${p("anchor_at")}, ${p("anchor_id")})`)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(p("limit"));
      return narrow(ofBlock ? page.where("block_id", "=", p("block_id")) : page);
    });
  return { any: build((query) => query), live: build((query) => query.where(LIVE)), ended: build((query) => query.where(NOT_LIVE)) };
}

const statusSchema = z.enum(["running", "waiting", "stopping", "done", "failed", "cancelled"]);
const countSchema = z.number().int().nonnegative();
const summarySchema: z.ZodType<RunSummary> = z.object({
  id: z.string(),
  workspaceId: z.string(),
  blockId: z.string(),
  status: statusSchema,
  revision: countSchema,
  createdAt: countSchema,
  updatedAt: countSchema,
});

function toSummary(row: SummaryRow): RunSummary {
  const value = {
    id: row.id,
    workspaceId: row.workspace_id,
    blockId: row.block_id,
    status: row.status,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
  return parseStored(summarySchema, value, { entity: "run", id: row.id });
}

function toRecord(row: RunRow): RunRecord {
  const document = parseJson(row.document, { entity: "run", id: row.id });
  return { ...toSummary(row), shapeVersion: row.shape_version, document };
}
