import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

const count = z.number().int().nonnegative();

/** Events of what runs learn about a service. */
export const eventsOfBoardScan = [
  /** A run mapped the service; the numbers are of its modules. */
  z.strictObject({
    type: z.literal("blueprint-reconciled"),
    blockId: idSchema,
    modulesAdded: count,
    modulesChanged: count.optional(),
    modulesStale: count.optional(),
  }),
  /** A run wrote the service's specification; the files in the repository are the document. */
  z.strictObject({ type: z.literal("specification-updated"), blockId: idSchema }),
] as const;
