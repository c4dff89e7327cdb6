import { z } from "zod";
import { deedSchema } from "../shared/deed.schema.js";
import { errorCodeSchema } from "../shared/errors.schema.js";

/** Events of the workspace itself. */
export const eventsOfWorkspaces = [
  z.strictObject({ type: z.literal("workspace-created"), name: z.string() }),
  /** A deed that concerns no run was refused, because `claimed` was not proven to be a person. One on a run raises a notification instead. */
  z.strictObject({ type: z.literal("deed-refused"), deed: deedSchema, claimed: z.string().min(1).max(200), code: errorCodeSchema }),
] as const;
