import { z } from "zod";

/** Events of an account itself. */
export const eventsOfAccounts = [
  z.strictObject({ type: z.literal("account-created"), name: z.string() }),
  z.strictObject({ type: z.literal("account-changed"), fields: z.array(z.string()) }),
  z.strictObject({ type: z.literal("account-deleted"), name: z.string() }),
] as const;
