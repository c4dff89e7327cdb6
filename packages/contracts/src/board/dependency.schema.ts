import { z } from "zod";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

/** What a task waits for. */
export const dependencySchema = z.strictObject({
  /** The task that waits. */
  blockId: idSchema,
  /** The task that is done before it starts. */
  onId: idSchema,
  createdAt: timestampSchema,
});
