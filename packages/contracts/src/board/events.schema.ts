import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { blockLevelSchema } from "./entity.schema.js";

/** Events of blocks. */
export const eventsOfBoard = [
  z.strictObject({ type: z.literal("block-added"), blockId: idSchema, level: blockLevelSchema, title: z.string() }),
  z.strictObject({ type: z.literal("block-moved"), blockId: idSchema, parentId: idSchema }),
  /** A person changed a task; `fields` names what. */
  z.strictObject({ type: z.literal("block-changed"), blockId: idSchema, fields: z.array(z.string()).readonly() }),
  /** A person took a task off the board. */
  z.strictObject({ type: z.literal("block-removed"), blockId: idSchema, title: z.string() }),
  /** A person set how the service is brought up for its tests. */
  z.strictObject({ type: z.literal("service-changed"), blockId: idSchema }),
] as const;
