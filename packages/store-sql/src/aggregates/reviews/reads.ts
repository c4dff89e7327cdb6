import type { Review, ReviewItem } from "@millrace/contracts";
import { reviewItemSchema, reviewSchema } from "@millrace/contracts";
import type { ReviewReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { checkLimit, MAX_PAGE, unknownAfter } from "../../page.logic.js";
import type { ReviewItemRow, ReviewRow } from "./table.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored } from "../../stored-shape.logic.js";

type HistoryAnchor = { readonly anchor_at: number; readonly anchor_iteration: number; readonly anchor_id: string };
const NEWEST: HistoryAnchor = { anchor_at: Number.MAX_SAFE_INTEGER, anchor_iteration: 0, anchor_id: "" };

export function reviewReads(connection: SqlConnection): ReviewReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("reviews").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const latest = statement<{ workspace_id: string; block_id: string; kind: string }>()((p) =>
    db
      .selectFrom("reviews")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("block_id", "=", p("block_id"))
      .where("kind", "=", p("kind"))
      .orderBy("created_at", "desc")
      .orderBy("iteration", "desc")
      .orderBy("id", "desc")
      .limit(sql.lit(1)),
  );
  const history = statement<HistoryAnchor & { workspace_id: string; block_id: string; kind: string; limit: number }>()((p) =>
    db
      .selectFrom("reviews")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("block_id", "=", p("block_id"))
      .where("kind", "=", p("kind"))
      .where(sql<boolean>`(created_at, iteration, id) < (${p("anchor_at")}, ${p("anchor_iteration")}, ${p("anchor_id")})`)
      .orderBy("created_at", "desc")
      .orderBy("iteration", "desc")
      .orderBy("id", "desc")
      .limit(p("limit")),
  );
  const items = statement<{ workspace_id: string; review_id: string }>()((p) =>
    db
      .selectFrom("review_items")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("review_id", "=", p("review_id"))
      .orderBy("position")
      .orderBy("id"),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toReview(row);
    },
    async latest(workspaceId, blockId, kind) {
      const [row] = await connection.all(latest, { workspace_id: workspaceId, block_id: blockId, kind });
      return row === undefined ? null : toReview(row);
    },
    async history(workspaceId, blockId, kind, { limit, after }) {
      const [last] = after === undefined ? [] : await connection.all(get, { workspace_id: workspaceId, id: after });
      if (after !== undefined && last === undefined) throw unknownAfter(after);
      const anchor = last === undefined ? NEWEST : { anchor_at: last.created_at, anchor_iteration: last.iteration, anchor_id: last.id };
      const args = { workspace_id: workspaceId, block_id: blockId, kind, ...anchor, limit: checkLimit(limit, MAX_PAGE) };
      return (await connection.all(history, args)).map(toReview);
    },
    async items(workspaceId, reviewId) {
      return (await connection.all(items, { workspace_id: workspaceId, review_id: reviewId })).map(toItem);
    },
  };
}

function toReview(row: ReviewRow): Review {
  const what = { entity: "review", id: row.id };
  const value = {
    id: row.id,
    workspaceId: row.workspace_id,
    blockId: row.block_id,
    runId: row.run_id,
    kind: row.kind,
    iteration: row.iteration,
    status: row.status,
    document: row.document === null ? null : parseJson(row.document, what),
    description: row.description,
    model: row.model,
    createdAt: row.created_at,
  };
  return parseStored(reviewSchema, value, what);
}

function toItem(row: ReviewItemRow): ReviewItem {
  const value = {
    id: row.id,
    workspaceId: row.workspace_id,
    reviewId: row.review_id,
    position: row.position,
    category: row.category,
    severity: row.severity,
    title: row.title,
    detail: row.detail,
    status: row.status,
    reply: row.reply,
  };
  return parseStored(reviewItemSchema, value, { entity: "review item", id: row.id });
}
