import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

const days = z.record(z.string(), z.number().int().nullable());

/** Events of what a workspace keeps. */
export const eventsOfRetention = [
  z.strictObject({ type: z.literal("retention-changed"), before: days, after: days, revision: z.number().int().positive() }),
  /** A pass removed details of that many runs, by kind, and that many entries of the audit at most. */
  z.strictObject({ type: z.literal("retention-ran"), removed: z.record(z.string(), z.number().int().positive()) }),
  /** Everything of a run is kept from now on, or no longer. */
  z.strictObject({ type: z.literal("run-held"), runId: idSchema, isHeld: z.boolean(), reason: z.string().min(1).max(300) }),
] as const;
