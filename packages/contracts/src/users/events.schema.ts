import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";

/** Events of the users of a host. */
export const eventsOfUsers = [
  z.strictObject({ type: z.literal("user-created"), userId: idSchema }),
  z.strictObject({ type: z.literal("user-changed"), userId: idSchema, fields: z.array(z.string()) }),
] as const;
