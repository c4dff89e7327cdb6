import type { ReviewChanges, ReviewReads } from "@millrace/kernel";
import { findingsOpen, notFound, reviewFrozen } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { byId, copyOrNull, paged } from "../paging.js";
import { needsBlock, needsReview, needsRun, stale, taken } from "../row-checks.js";
import { keyOf, type MemoryTables } from "../tables.js";

export const reviewChanges: MemoryHandlers<ReviewChanges> = {
  "insert-review"(draft, { review, items }) {
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
  },
  "set-review-status"(draft, { workspaceId, id, from, status }) {
    const { reviews } = draft.tables;
    const key = keyOf(workspaceId, id);
    const review = reviews.get(key);
    if (review === undefined) throw notFound("review", id);
    if (!from.includes(review.status)) throw stale(`review '${id}' is not ${from.join(" or ")} any more`, { id, from: [...from] });
    draft.set(reviews, key, { ...review, status });
  },
  "keep-review-answered"(draft, { workspaceId, reviewId }) {
    const isOpen = [...draft.tables.reviewItems.values()].some(
      (item) => item.workspaceId === workspaceId && item.reviewId === reviewId && item.status === "open",
    );
    if (isOpen) throw findingsOpen(reviewId);
  },
  "answer-review-item"(draft, { workspaceId, reviewId, id, status, reply }) {
    const { reviews, reviewItems } = draft.tables;
    const review = reviews.get(keyOf(workspaceId, reviewId));
    const key = keyOf(workspaceId, reviewId, id);
    const item = reviewItems.get(key);
    if (review === undefined || item === undefined) throw notFound("review item", id);
    if (review.status !== "ready" && review.status !== "exceeded") throw reviewFrozen(review.id);
    draft.set(reviewItems, key, { ...item, status, reply });
  },
};

export function reviewReads({ reviews, reviewItems }: MemoryTables): ReviewReads {
  return {
    get: async (workspaceId, id) => copyOrNull(reviews.get(keyOf(workspaceId, id))),
    latest: async (workspaceId, blockId, kind) =>
      copyOrNull(
        [...reviews.values()]
          .filter((review) => review.workspaceId === workspaceId && review.blockId === blockId && review.kind === kind)
          .toSorted((a, b) => a.createdAt - b.createdAt || a.iteration - b.iteration || byId(a, b))
          .at(-1),
      ),
    history: async (workspaceId, blockId, kind, page) =>
      paged(
        [...reviews.values()]
          .filter((review) => review.workspaceId === workspaceId && review.blockId === blockId && review.kind === kind)
          .toSorted((a, b) => b.createdAt - a.createdAt || b.iteration - a.iteration || byId(b, a)),
        page,
      ),
    items: async (workspaceId, reviewId) =>
      copyOf(
        [...reviewItems.values()]
          .filter((item) => item.workspaceId === workspaceId && item.reviewId === reviewId)
          .toSorted((a, b) => a.position - b.position || byId(a, b)),
      ),
  };
}
