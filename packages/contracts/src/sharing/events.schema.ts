import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

/** Events of a board that shows services of other boards; they are in its own log. */
export const eventsOfSharing = [
  z.strictObject({ type: z.literal("mount-added"), serviceId: idSchema, homeId: idSchema }),
  z.strictObject({ type: z.literal("mount-moved"), serviceId: idSchema }),
  z.strictObject({ type: z.literal("mount-removed"), serviceId: idSchema }),
] as const;

/** Events of the directory of an account. */
export const eventsOfDirectory = [
  /** Other boards of the account may show the service from now on. */
  z.strictObject({ type: z.literal("service-shared"), serviceId: idSchema, homeId: idSchema, title: z.string() }),
  z.strictObject({ type: z.literal("service-withdrawn"), serviceId: idSchema, homeId: idSchema }),
] as const;
