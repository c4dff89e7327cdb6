import { z } from "zod";

/** What a person does with one finding. A reply has 1 to 4,000 characters, without the spaces around it. */
export const findingAnswerSchema = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("reply"), text: z.string().trim().min(1).max(4000) }),
  z.strictObject({ do: z.literal("resolve") }),
  z.strictObject({ do: z.literal("dismiss") }),
  z.strictObject({ do: z.literal("reopen") }),
]);
export type FindingAnswer = z.infer<typeof findingAnswerSchema>;
