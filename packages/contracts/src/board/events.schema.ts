import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { blockLevelSchema } from "./entity.schema.js";

/** Events of blocks. */
export const eventsOfBoard = [
  z.strictObject({ type: z.literal("block-added"), blockId: idSchema, level: blockLevelSchema, title: z.string() }),
  z.strictObject({ type: z.literal("block-moved"), blockId: idSchema, parentId: idSchema }),
  /** A person set how the service is brought up for its tests. */
  z.strictObject({ type: z.literal("service-changed"), blockId: idSchema }),
] as const;
