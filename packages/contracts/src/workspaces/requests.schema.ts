import { z } from "zod";
import { pageFields } from "../shared/page.schema.js";
import { idSchema } from "../shared/scalars.schema.js";
import { workspaceNameSchema, workspaceDescriptionSchema } from "./entity.schema.js";

const ofWorkspace = { workspaceId: idSchema };
const described = workspaceDescriptionSchema.nullable();

/** Request "list workspaces". */
export const listWorkspacesSchema = z.strictObject({
  /** Only those of this account. Default: of every account of the caller. */
  accountId: idSchema.optional(),
  /** Part of the name, in upper or lower case. Default: any name. */
  query: z.string().trim().min(1).max(100).optional(),
  ...pageFields,
});

/** Request "create a workspace". */
export const createWorkspaceSchema = z.strictObject({
  name: workspaceNameSchema.default("Untitled"),
  description: described.default(null),
  /** Account that it is made in; null, the default: the caller's personal one, or none where the host has no accounts. */
  accountId: idSchema.nullable().default(null),
  /** Puts a service with a few tasks on the board, to look around. Default: an empty board. */
  sample: z.boolean().default(false),
});

/** Request about one workspace. */
export const workspaceRequestSchema = z.strictObject(ofWorkspace);

/** Request "change a workspace": what is left out stays as it is. */
export const updateWorkspaceSchema = z.strictObject({
  ...ofWorkspace,
  name: workspaceNameSchema.optional(),
  description: described.optional(),
});

/** Request "delete a workspace". */
export const deleteWorkspaceSchema = z.strictObject({
  ...ofWorkspace,
  /** Its name, typed again. */
  confirm: z.string().min(1).max(120),
  /** Takes its services off the other boards that show them. Default: while one does, the deletion is refused. */
  detach: z.boolean().default(false),
});

/** Request "move a workspace to another account". */
export const transferWorkspaceSchema = z.strictObject({ ...ofWorkspace, toAccountId: idSchema });
