import { runSchema } from "../run/entity.schema.js";
import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import { pageSchema } from "../shared/page.schema.js";
import { reviewItemSchema, reviewWithItemsSchema } from "./entity.schema.js";
import {
  answerFindingRequestSchema,
  extraRoundRequestSchema,
  incorporateRequestSchema,
  latestReviewRequestSchema,
  proceedRequestSchema,
  reviewHistoryRequestSchema,
  reviewOfRunRequestSchema,
} from "./requests.schema.js";

/** Operations on reviews and their findings. */
export const operationsOfReviews = {
  "reviews.latest": {
    id: "RVW-01a",
    method: "GET",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/review",
    input: latestReviewRequestSchema,
    output: reviewWithItemsSchema.nullable(),
    errors: [],
    capability: "workspace.read",
    summary: "The last review of a block with its findings, the worst first; null when there was none.",
  },
  "reviews.history": {
    id: "RVW-02",
    method: "GET",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/reviews",
    input: reviewHistoryRequestSchema,
    output: pageSchema(reviewWithItemsSchema),
    errors: [],
    capability: "workspace.read",
    summary: "The reviews of a kind on a block, the newest first, each with its findings and answers.",
  },
  "reviews.ofRun": {
    id: "RVW-01b",
    method: "GET",
    path: "/workspaces/{workspaceId}/runs/{runId}/review",
    input: reviewOfRunRequestSchema,
    output: reviewWithItemsSchema.nullable(),
    errors: [],
    capability: "workspace.read",
    summary: "The review a run is at, else the one it did last; null when it has none yet.",
  },
  "reviews.answer": {
    id: "RVW-03",
    method: "POST",
    path: "/workspaces/{workspaceId}/reviews/{reviewId}/findings/{itemId}/answer",
    input: answerFindingRequestSchema,
    output: reviewItemSchema,
    errors: ["review_frozen", ...PERSON_ERRORS],
    capability: "run.answer",
    summary: "A person's answer to one finding. Answers to different findings never overwrite each other.",
  },
  "reviews.incorporate": {
    id: "RVW-04",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/review/incorporate",
    input: incorporateRequestSchema,
    output: runSchema,
    errors: ["wait_closed", "wait_mismatch", "digest_mismatch", "review_frozen", "run_not_live", ...PERSON_ERRORS],
    capability: "run.answer",
    summary: "Folds the answers into the document and has the result reviewed again. Refused while findings are open.",
  },
  "reviews.proceed": {
    id: "RVW-05a",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/review/proceed",
    input: proceedRequestSchema,
    output: runSchema,
    errors: ["wait_closed", "wait_mismatch", "digest_mismatch", "review_frozen", "run_not_live", ...PERSON_ERRORS],
    capability: "run.answer",
    summary: "Goes on with the document as it is, whatever findings are left.",
  },
  "reviews.extraRound": {
    id: "RVW-05b",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/review/extra-round",
    input: extraRoundRequestSchema,
    output: runSchema,
    errors: ["wait_closed", "wait_mismatch", "review_frozen", "run_not_live", ...PERSON_ERRORS],
    capability: "run.answer",
    summary: "Grants one more round to a review that used up its own.",
  },
} as const satisfies Operations;
