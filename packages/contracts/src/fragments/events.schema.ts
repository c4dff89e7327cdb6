import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

const version = z.number().int().positive();

/** Events of the fragments of an account, or of a workspace. */
export const eventsOfFragments = [
  z.strictObject({ type: z.literal("fragment-created"), fragmentId: idSchema, version }),
  z.strictObject({ type: z.literal("fragment-changed"), fragmentId: idSchema, version, fields: z.array(z.string().max(60)) }),
  /** `hidden`: false when it is shown again. */
  z.strictObject({ type: z.literal("fragment-hidden"), fragmentId: idSchema, hidden: z.boolean() }),
  z.strictObject({ type: z.literal("fragment-removed"), fragmentId: idSchema, version }),
] as const;

/** Events of the fragments that a new service of a workspace gets. */
export const eventsOfFragmentDefaults = [
  z.strictObject({ type: z.literal("fragment-defaults-changed"), before: z.array(idSchema).max(50), after: z.array(idSchema).max(50) }),
] as const;
