import type { Review, ReviewItem } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import { MillraceError, notFound, reviewFrozen } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Step } from "../connection.js";
import { step } from "../connection.js";
import type { ReviewItemRow, ReviewRow, Tables } from "../schema/tables.js";
import type { Statement } from "../statement.js";
import { bySize, statement } from "../statement.js";
import { taken } from "./board-changes.js";
import { missingRow, refuseWhen } from "./guards.js";

type Of<Kind extends Change["change"]> = Extract<Change, { change: Kind }>;

/** Steps of the changes that touch a review and its findings. */
export interface ReviewChanges {
  insert(review: Review, items: readonly ReviewItem[]): readonly Step[];
  setStatus(change: Of<"set-review-status">): readonly Step[];
  answer(change: Of<"answer-review-item">): readonly Step[];
}

export function reviewChanges(db: Kysely<Tables>): ReviewChanges {
  const insertReview = reviewStatement(db);
  const insertItem = itemStatement(db);
  return {
    insert: (review, items) => [
      step(insertReview, reviewRow(review), taken("review", review.id)),
      ...items.map((item) => step(insertItem, itemRow(item), taken("review item", item.id))),
    ],
    setStatus: setStatusSteps(db),
    answer: answerSteps(db),
  };
}

type StatusArgs = { workspace_id: string; id: string; status: string; [from: `from_${number}`]: string };

/** The comparison is part of the write: of two that take a review from one status, the second finds it changed. */
function setStatusSteps(db: Kysely<Tables>): ReviewChanges["setStatus"] {
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
    // A list without values is no SQL; no review has this status.
    const allowed = from.length === 0 ? [""] : from;
    const args = { ...key, status, ...Object.fromEntries(allowed.map((each, index) => [`from_${index}`, each])) };
    return [
      step(guard, key, { check: () => notFound("review", id) }),
      step(updateBy(allowed.length), args, { "not-null": () => staleReview(id, from) }),
    ];
  };
}

type ItemKey = { workspace_id: string; review_id: string; id: string };

/** The review's status is written as it is: whoever freezes it meanwhile and this answer have to take turns. */
function answerSteps(db: Kysely<Tables>): ReviewChanges["answer"] {
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
      step(guard, key, { check: () => notFound("review item", id) }),
      step(open, key, { "not-null": () => reviewFrozen(reviewId) }),
      step(answer, { ...key, status, reply }),
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
