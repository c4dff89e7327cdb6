/** The memory of a companion: its ratings, and the rounds it has used. */
import { reviewCommentSchema, unitSchema } from "@millrace/contracts";
import { z } from "zod";
import { roundFindingsSchema, ROUNDS_KEPT } from "../shared/findings.logic.js";

/** One round: the grade, and what it was given for. */
const ratingSchema = z.strictObject({
  rating: unitSchema,
  bar: unitSchema,
  passed: z.boolean(),
  summary: z.string(),
  comments: z.array(reviewCommentSchema),
  /** Fingerprints of the comments. Kept for the last rounds only, and missing in runs that are older than them. */
  findings: roundFindingsSchema.optional(),
});
/** Numbers of findings that are new, that the round before had as well, and that came back after they were gone. */
const comparedSchema = z.strictObject({ fresh: z.number().int(), repeated: z.number().int(), reseeded: z.number().int() });
/** Numbers of findings that are new, that the round before had as well, and that came back after they were gone. */
export type FindingCounts = z.infer<typeof comparedSchema>;

/** State of a companion. */
export const stateSchema = z.strictObject({
  kind: z.literal("companion"),
  bar: unitSchema,
  /** Automatic reworks used. Changes that people ask for are not counted. */
  reworks: z.number().int().nonnegative(),
  /** Automatic reworks allowed: those of the preset when it was first entered, and one for each round people granted; null before. */
  maxReworks: z.number().int().nonnegative().nullable(),
  ratings: z.array(ratingSchema),
});
/** Facts of a companion. */
export const factSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("budgeted"), maxReworks: z.number().int().nonnegative() }),
  ratingSchema.extend({ is: z.literal("rated"), compared: comparedSchema.optional() }),
  z.strictObject({ is: z.literal("sent-back") }),
  z.strictObject({ is: z.literal("round-granted") }),
]);
/** State of a companion. */
export type State = z.infer<typeof stateSchema>;
/** A fact of a companion. */
export type Fact = z.infer<typeof factSchema>;

/** The state after a fact. */
export function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    case "budgeted":
      return { ...state, maxReworks: state.maxReworks ?? fact.maxReworks };
    case "rated": {
      const { is: _, compared: __, ...rating } = fact;
      return { ...state, ratings: forget([...state.ratings, rating]) };
    }
    case "sent-back":
      return { ...state, reworks: state.reworks + 1 };
    case "round-granted":
      return { ...state, maxReworks: (state.maxReworks ?? 0) + 1 };
  }
}

/** Only the last rounds are compared with each other, so only they keep their fingerprints. */
function forget(ratings: State["ratings"]): State["ratings"] {
  return ratings.map((rating, index) => {
    const { findings: _, ...rest } = rating;
    return index >= ratings.length - ROUNDS_KEPT ? rating : rest;
  });
}
