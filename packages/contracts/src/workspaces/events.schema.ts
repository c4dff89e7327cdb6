import { z } from "zod";
import { deedSchema } from "../shared/deed.schema.js";
import { errorCodeSchema } from "../shared/errors.schema.js";
import { idSchema } from "../shared/scalars.schema.js";

const name = z.string().min(1).max(120);

/** Events of the workspace itself. */
export const eventsOfWorkspaces = [
  z.strictObject({ type: z.literal("workspace-created"), name: z.string() }),
  z.strictObject({
    type: z.literal("workspace-changed"),
    fields: z.array(z.string()).min(1),
    revision: z.number().int().positive(),
  }),
  /** From now on nothing in it changes but by its deletion. */
  z.strictObject({ type: z.literal("workspace-deletion-requested"), name }),
  /** It belongs to another account now. */
  z.strictObject({ type: z.literal("workspace-transferred"), from: idSchema.nullable(), to: idSchema }),
  /** A deed that concerns no run was refused, because `claimed` was not proven to be a person. One on a run raises a notification instead. */
  z.strictObject({ type: z.literal("deed-refused"), deed: deedSchema, claimed: z.string().min(1).max(200), code: errorCodeSchema }),
] as const;

/** What stays of workspaces in the log of their account, or of the host where there are no accounts. */
export const eventsOfDeletedWorkspaces = [
  /** All of its rows are gone. */
  z.strictObject({ type: z.literal("workspace-deleted"), workspaceId: idSchema, name }),
] as const;
