import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { blockLevelSchema, positionSchema } from "./entity.schema.js";

/** Events of blocks. */
export const eventsOfBoard = [
  z.strictObject({ type: z.literal("block-added"), blockId: idSchema, level: blockLevelSchema, title: z.string() }),
  /** A block has another parent, another place in it, or both. */
  z.strictObject({ type: z.literal("block-moved"), blockId: idSchema, parentId: idSchema.nullable(), position: positionSchema.optional() }),
  /** A person changed a task; `fields` names what. */
  z.strictObject({ type: z.literal("block-changed"), blockId: idSchema, fields: z.array(z.string()).readonly() }),
  /** A block was taken off the board with everything in it; `ids` are those of which nothing but their runs is left since. */
  z.strictObject({
    type: z.literal("block-removed"),
    blockId: idSchema,
    title: z.string(),
    ids: z.array(idSchema).max(200).readonly().optional(),
  }),
  /** The task `blockId` does not start before `onId` is done. */
  z.strictObject({ type: z.literal("dependency-added"), blockId: idSchema, onId: idSchema }),
  z.strictObject({ type: z.literal("dependency-removed"), blockId: idSchema, onId: idSchema }),
  /** A person set how the service is brought up for its tests. */
  z.strictObject({ type: z.literal("service-changed"), blockId: idSchema }),
] as const;
