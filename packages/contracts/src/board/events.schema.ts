import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { repositoryRefSchema } from "../run/evidence.schema.js";
import { blockLevelSchema, checkPolicySchema, serviceTestingSchema } from "./entity.schema.js";

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
  z.strictObject({ type: z.literal("block-moved"), blockId: idSchema, parentId: idSchema }),
  /** A person changed a block; `fields` names what, `revision` is its revision since. */
  z.strictObject({
    type: z.literal("block-changed"),
    blockId: idSchema,
    fields: z.array(z.string()).readonly(),
    revision: z.number().int().min(1).optional(),
  }),
  /** A person took a task off the board. */
  z.strictObject({ type: z.literal("block-removed"), blockId: idSchema, title: z.string() }),
  /** A person set what counts as checked in a service, how it is brought up for its tests, or where its code lives. */
  z.strictObject({
    type: z.literal("service-changed"),
    blockId: idSchema,
    checks: changeOf(checkPolicySchema),
    testing: changeOf(serviceTestingSchema),
    repository: changeOf(repositoryRefSchema),
  }),
] as const;
