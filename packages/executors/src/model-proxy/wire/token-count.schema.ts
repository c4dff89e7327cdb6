import { z } from "zod";

/** Tokens of one class in an answer; one that is not told is none. */
export const tokenCount = z
  .number()
  .int()
  .nonnegative()
  .nullish()
  .transform((count) => count ?? 0);
