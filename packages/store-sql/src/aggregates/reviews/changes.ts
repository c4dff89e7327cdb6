import type { Review, ReviewItem } from "@millrace/contracts";
import type { ReviewChanges } from "@millrace/kernel";
import { findingsOpen, MillraceError, notFound, reviewFrozen } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { blockRef, reviewRef, runRef, toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { missingRow, refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import type { Statement } from "../../statement.js";
import { bySize, statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { ReviewItemRow, ReviewRow } from "./table.js";

export function reviewChanges({ db }: SqlBuilder): ChangeHandlers<ReviewChanges> {
  const insertReview = reviewStatement(db);
  const insertItem = itemStatement(db);
  return {
    "insert-review": ({ review, items }) => [
      {
        ...toCommit(insertReview, reviewRow(review), taken("review", review.id)),
        ensures: reviewRef(review.workspaceId, review.id),
        needs: [blockRef(review.workspaceId, review.blockId), runRef(review.workspaceId, review.runId)],
      },
      ...items.map((item) => ({
        ...toCommit(insertItem, itemRow(item), taken("review item", item.id)),
        needs: [reviewRef(item.workspaceId, item.reviewId)],
      })),
    ],
    "set-review-status": setStatus(db),
    "keep-review-answered": keepAnswered(db),
    "answer-review-item": answerItem(db),
  };
}

type StatusArgs = { workspace_id: string; id: string; status: string; [from: `from_${number}`]: string };

/** The comparison is part of the write: of two commits that take a review from one status, the second finds it changed. */
function setStatus(db: Kysely<Tables>): ChangeHandlers<ReviewChanges>["set-review-status"] {
  const guard = missingRow(db, "reviews");
  const updateBy = bySize((count) =>
    statement<StatusArgs>()((p) => {
      const from = sql.join(Array.from({ length: count }, (_, index) => p(`from_${index}`)));
      return db
        .updateTable("reviews")
        .set({ status: sql<string>`case when status in (${from}) then ${p("status")} end` })
        .where("workspace_id", "=", p("workspace_id"))
        .where("id", "=", p("id"));
    }),
  );
  return ({ workspaceId, id, from, status }) => {
    const key = { workspace_id: workspaceId, id };
    // SQL has no empty list; no review has an empty status.
    const allowed = from.length === 0 ? [""] : from;
    const args = { ...key, status, ...Object.fromEntries(allowed.map((each, index) => [`from_${index}`, each])) };
    return [
      toCommit(guard, key, { check: () => notFound("review", id) }),
      toCommit(updateBy(allowed.length), args, { "not-null": () => staleReview(id, from) }),
    ];
  };
}

/** Takes the lock of the review's row first, as an answer to a finding does: the two commits run one after the other. */
function keepAnswered(db: Kysely<Tables>): ChangeHandlers<ReviewChanges>["keep-review-answered"] {
  const lock = statement<{ workspace_id: string; id: string }>()((p) =>
    db
      .updateTable("reviews")
      .set((eb) => ({ status: eb.ref("status") }))
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const guard = refuseWhen<{ workspace_id: string; id: string }>(db, (eb, p) =>
    eb.exists(
      eb
        .selectFrom("review_items")
        .select("id")
        .where("workspace_id", "=", p("workspace_id"))
        .where("review_id", "=", p("id"))
        .where("status", "=", sql.lit("open")),
    ),
  );
  return ({ workspaceId, reviewId }) => {
    const key = { workspace_id: workspaceId, id: reviewId };
    return [toCommit(lock, key), toCommit(guard, key, { check: () => findingsOpen(reviewId) })];
  };
}

type ItemKey = { workspace_id: string; review_id: string; id: string };

/** Writes the review's status unchanged, for its row lock: a commit that freezes the review and this answer run one after the other. */
function answerItem(db: Kysely<Tables>): ChangeHandlers<ReviewChanges>["answer-review-item"] {
  const guard = refuseWhen<ItemKey>(db, (eb, p) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom("review_items")
          .select("id")
          .where("workspace_id", "=", p("workspace_id"))
          .where("review_id", "=", p("review_id"))
          .where("id", "=", p("id")),
      ),
    ),
  );
  const open = statement<ItemKey>()((p) =>
    db
      .updateTable("reviews")
      .set({ status: sql<string>`case when status in ('ready', 'exceeded') then status end` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("review_id")),
  );
  const answer = statement<ItemKey & { status: string; reply: string | null }>()((p) =>
    db
      .updateTable("review_items")
      .set({ status: p("status"), reply: p("reply") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("review_id", "=", p("review_id"))
      .where("id", "=", p("id")),
  );
  return ({ workspaceId, reviewId, id, status, reply }) => {
    const key = { workspace_id: workspaceId, review_id: reviewId, id };
    return [
      toCommit(guard, key, { check: () => notFound("review item", id) }),
      toCommit(open, key, { "not-null": () => reviewFrozen(reviewId) }),
      toCommit(answer, { ...key, status, reply }),
    ];
  };
}

function reviewStatement(db: Kysely<Tables>): Statement<ReviewRow, unknown> {
  return statement<ReviewRow>()((p) =>
    db.insertInto("reviews").values({
      workspace_id: p("workspace_id"),
      id: p("id"),
      block_id: p("block_id"),
      run_id: p("run_id"),
      kind: p("kind"),
      iteration: p("iteration"),
      status: p("status"),
      document: p("document"),
      description: p("description"),
      model: p("model"),
      created_at: p("created_at"),
    }),
  );
}

function itemStatement(db: Kysely<Tables>): Statement<ReviewItemRow, unknown> {
  return statement<ReviewItemRow>()((p) =>
    db.insertInto("review_items").values({
      workspace_id: p("workspace_id"),
      review_id: p("review_id"),
      id: p("id"),
      position: p("position"),
      category: p("category"),
      severity: p("severity"),
      title: p("title"),
      detail: p("detail"),
      status: p("status"),
      reply: p("reply"),
    }),
  );
}

function reviewRow(review: Review): ReviewRow {
  return {
    workspace_id: review.workspaceId,
    id: review.id,
    block_id: review.blockId,
    run_id: review.runId,
    kind: review.kind,
    iteration: review.iteration,
    status: review.status,
    document: review.document === null ? null : JSON.stringify(review.document),
    description: review.description,
    model: review.model,
    created_at: review.createdAt,
  };
}

function itemRow(item: ReviewItem): ReviewItemRow {
  return {
    workspace_id: item.workspaceId,
    review_id: item.reviewId,
    id: item.id,
    position: item.position,
    category: item.category,
    severity: item.severity,
    title: item.title,
    detail: item.detail,
    status: item.status,
    reply: item.reply,
  };
}

function staleReview(id: string, from: readonly string[]): MillraceError {
  return new MillraceError("stale_revision", `review '${id}' is not ${from.join(" or ")} any more`, {
    fix: "Load it again and decide again.",
    details: { id, from: [...from] },
  });
}
