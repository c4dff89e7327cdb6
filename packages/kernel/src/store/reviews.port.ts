import type { Review, ReviewItem } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Changes of reviews and their findings. */
export interface ReviewChanges {
  /** Fails with `conflict` when an id is in use, with `not_found` when the run or the block of the review, or the review of a finding, is missing. */
  "insert-review": { readonly review: Review; readonly items: readonly ReviewItem[] };
  /** Fails with `not_found` when the review is missing, with `stale_revision` unless its status is one of `from`. */
  "set-review-status": {
    readonly workspaceId: string;
    readonly id: string;
    readonly from: readonly Review["status"][];
    readonly status: Review["status"];
  };
  /** Writes nothing. Fails with `validation` while a finding of the review is open, so that none can be opened again beside the commit. */
  "keep-review-answered": { readonly workspaceId: string; readonly reviewId: string };
  /** Fails with `not_found` when the finding is missing, with `review_frozen` unless its review is `ready` or `exceeded`. */
  "answer-review-item": {
    readonly workspaceId: string;
    readonly reviewId: string;
    readonly id: string;
    readonly status: ReviewItem["status"];
    readonly reply: string | null;
  };
}

/** Reads of reviews and their findings. */
export interface ReviewReads {
  get(workspaceId: string, id: string): Promise<Review | null>;
  /** The newest review of a kind on a block. */
  latest(workspaceId: string, blockId: string, kind: string): Promise<Review | null>;
  /** The reviews of a kind on a block, the newest first. */
  history(workspaceId: string, blockId: string, kind: string, page: Page): Promise<readonly Review[]>;
  /** Ordered by position. */
  items(workspaceId: string, reviewId: string): Promise<readonly ReviewItem[]>;
}
