import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { findingStatusSchema } from "./entity.schema.js";

/** Events of reviews. */
export const eventsOfReviews = [
  /** A person replied to, resolved, dismissed or reopened a finding; the reply is in its row. */
  z.strictObject({
    type: z.literal("finding-answered"),
    blockId: idSchema,
    reviewId: idSchema,
    findingId: idSchema,
    status: findingStatusSchema,
  }),
] as const;
