import { z } from "zod";
import { errorCodeSchema } from "../shared/errors.schema.js";

/** Whether an action would be accepted now; else the code of its refusal, and why. */
export const possibleActionSchema = z.discriminatedUnion("can", [
  z.strictObject({ can: z.literal(true) }),
  z.strictObject({ can: z.literal(false), code: errorCodeSchema, because: z.string(), fix: z.string().nullable() }),
]);
/** Whether an action would be accepted now. */
export type PossibleAction = z.infer<typeof possibleActionSchema>;

/** What can be done with a run now, by the guards of the actions themselves. A guard of the commit may still refuse. */
export const runActionsSchema = z.strictObject({
  stop: possibleActionSchema,
  cancel: possibleActionSchema,
  retry: possibleActionSchema,
  restart: possibleActionSchema,
  resume: possibleActionSchema,
  answer: possibleActionSchema,
  merge: possibleActionSchema,
});
/** What can be done with a run now. */
export type RunActions = z.infer<typeof runActionsSchema>;
