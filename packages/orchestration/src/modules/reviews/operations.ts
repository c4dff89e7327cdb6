import { writtenBy } from "../../platform/operations/written-by.js";
import type { HandlersOf } from "../../platform/operations/handler.js";
import type { ReviewsService } from "./reviews-service.js";

/** The operations on reviews and their findings. */
export function reviewHandlers(reviews: ReviewsService): HandlersOf<"reviews"> {
  return {
    "reviews.latest": (_, input) => reviews.latest(input),
    "reviews.history": (_, input) => reviews.history(input),
    "reviews.ofRun": (_, input) => reviews.ofRun(input),
    "reviews.answer": (context, input) => reviews.answer({ ...input, ...writtenBy(context) }),
    "reviews.incorporate": (context, input) => reviews.incorporate({ ...input, ...writtenBy(context) }),
    "reviews.proceed": (context, input) => reviews.proceed({ ...input, ...writtenBy(context) }),
    "reviews.extraRound": (context, input) => reviews.extraRound({ ...input, ...writtenBy(context) }),
  };
}
