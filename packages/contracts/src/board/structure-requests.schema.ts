import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { positionSchema } from "./entity.schema.js";

/** Request "draw a block elsewhere". */
export const moveRequestSchema = z.strictObject({ workspaceId: idSchema, blockId: idSchema, position: positionSchema });

/** Request "put a block into another one". */
export const reparentRequestSchema = z.strictObject({
  workspaceId: idSchema,
  blockId: idSchema,
  parentId: idSchema,
  /** Default: where it was drawn in the old one. */
  position: positionSchema.optional(),
});

/** Request about what a task waits for. */
export const dependencyRequestSchema = z.strictObject({ workspaceId: idSchema, blockId: idSchema, onId: idSchema });

/** Request "remove a block with everything in it". */
export const removeBlockRequestSchema = z.strictObject({
  workspaceId: idSchema,
  blockId: idSchema,
  /** Of a service: take it off every other board that shows it. Default: it is not removed while one does. */
  detach: z.boolean().default(false),
});
