import { z } from "zod";
import { timestampSchema } from "../shared/scalars.schema.js";

/** Events of the audit of a workspace or an account. */
export const eventsOfAudit = [
  /** Somebody took the audit of that time out of the platform. */
  z.strictObject({ type: z.literal("export-made"), from: timestampSchema.nullable(), to: timestampSchema }),
] as const;
