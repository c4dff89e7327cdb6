import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { repositoryRefSchema } from "../run/evidence.schema.js";
import { blockLevelSchema, checkPolicySchema, positionSchema, serviceTestingSchema } from "./entity.schema.js";

const changeOf = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ before: value.nullable(), after: value.nullable() }).optional();

/** Events of blocks. */
export const eventsOfBoard = [
  z.strictObject({
    type: z.literal("block-added"),
    blockId: idSchema,
    level: blockLevelSchema,
    title: z.string(),
    parentId: idSchema.nullable().optional(),
  }),
  /** A block has another parent, another place in it, or both. */
  z.strictObject({ type: z.literal("block-moved"), blockId: idSchema, parentId: idSchema.nullable(), position: positionSchema.optional() }),
  /** A person changed a block; `fields` names what, `revision` is its revision since. */
  z.strictObject({
    type: z.literal("block-changed"),
    blockId: idSchema,
    fields: z.array(z.string()).readonly(),
    revision: z.number().int().min(1).optional(),
  }),
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
  /** A person set what counts as checked in a service, how it is brought up for its tests, or where its code lives. */
  z.strictObject({
    type: z.literal("service-changed"),
    blockId: idSchema,
    checks: changeOf(checkPolicySchema),
    testing: changeOf(serviceTestingSchema),
    repository: changeOf(repositoryRefSchema),
  }),
] as const;
