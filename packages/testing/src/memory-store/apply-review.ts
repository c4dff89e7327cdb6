import type { Review, ReviewItem } from "@millrace/contracts";
import { MillraceError, notFound, reviewFrozen, type Change } from "@millrace/kernel";
import type { Draft } from "./draft.js";
import { needsBlock, needsReview, needsRun, taken } from "./row-checks.js";
import { keyOf } from "./tables.js";

type Of<C extends Change["change"]> = Extract<Change, { change: C }>;

export function insertReview(draft: Draft, review: Review, items: readonly ReviewItem[]): void {
  const { reviews, reviewItems } = draft.tables;
  const key = keyOf(review.workspaceId, review.id);
  if (reviews.has(key)) throw taken("review", review.id);
  needsBlock(draft, review.workspaceId, review.blockId);
  needsRun(draft, review.workspaceId, review.runId);
  draft.set(reviews, key, review);
  for (const item of items) {
    const itemKey = keyOf(item.workspaceId, item.reviewId, item.id);
    if (reviewItems.has(itemKey)) throw taken("review item", item.id);
    needsReview(draft, item.workspaceId, item.reviewId);
    draft.set(reviewItems, itemKey, item);
  }
}

export function setReviewStatus(draft: Draft, change: Of<"set-review-status">): void {
  const { reviews } = draft.tables;
  const key = keyOf(change.workspaceId, change.id);
  const review = reviews.get(key);
  if (review === undefined) throw notFound("review", change.id);
  if (!change.from.includes(review.status))
    throw new MillraceError("stale_revision", `review '${change.id}' is not ${change.from.join(" or ")} any more`, {
      fix: "Load it again and decide again.",
      details: { id: change.id, from: [...change.from] },
    });
  draft.set(reviews, key, { ...review, status: change.status });
}

export function answerReviewItem(draft: Draft, change: Of<"answer-review-item">): void {
  const { reviews, reviewItems } = draft.tables;
  const review = reviews.get(keyOf(change.workspaceId, change.reviewId));
  const key = keyOf(change.workspaceId, change.reviewId, change.id);
  const item = reviewItems.get(key);
  if (review === undefined || item === undefined) throw notFound("review item", change.id);
  if (review.status !== "ready" && review.status !== "exceeded") throw reviewFrozen(review.id);
  draft.set(reviewItems, key, { ...item, status: change.status, reply: change.reply });
}
