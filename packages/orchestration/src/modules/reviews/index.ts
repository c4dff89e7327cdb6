import { eventsOfReviews } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { describeReviewEvent } from "./reviews.logic.js";
import { ReviewsService, type ReviewsCalls } from "./reviews-service.js";

/** Reviews of tasks, and people's answers to their findings. */
export function reviewsModule(ports: Pick<OrchestrationPorts, "store" | "clock">, calls: ReviewsCalls): Module<ReviewsService> {
  return defineModule({
    name: "reviews",
    service: new ReviewsService(ports, calls),
    events: defineEvents(eventsOfReviews, describeReviewEvent),
  });
}
