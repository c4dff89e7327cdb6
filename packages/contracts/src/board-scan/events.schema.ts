import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

/** Events of what runs learn about a service. */
export const eventsOfBoardScan = [
  z.strictObject({ type: z.literal("blueprint-reconciled"), blockId: idSchema, modulesAdded: z.number().int().nonnegative() }),
  /** A run wrote the service's specification; the files in the repository are the document. */
  z.strictObject({ type: z.literal("specification-updated"), blockId: idSchema }),
] as const;
