import { eventsOfReviews } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describeReviewEvent } from "./reviews.logic.js";
import { ReviewsService, type ReviewsCalls } from "./reviews-service.js";

/** Reviews of tasks, and people's answers to their findings. */
export function reviewsModule(ports: PersonPorts, calls: ReviewsCalls): Module<ReviewsService> {
  return defineModule({
    name: "reviews",
    service: new ReviewsService(ports, calls),
    events: defineEvents(eventsOfReviews, describeReviewEvent),
  });
}
