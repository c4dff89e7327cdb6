/** The memory of a merger: what it knows of the change, where it stands in line, and how often it sent the run back to its gates. */
import { mergeAssessmentSchema } from "@millrace/contracts";
import { z } from "zod";
import { countEviction, evictedFactSchema, evictionsSchema } from "../shared/recovery.logic.js";

/** What the assessment and the approval of a change are bound to: the digest of its diff, or `head+base` where the forge has none. */
const subjectSchema = z.string().min(1).max(200);

const assessedFactSchema = z.strictObject({
  is: z.literal("assessed"),
  assessment: mergeAssessmentSchema.nullable(),
  withheld: z.string().nullable(),
});
/** State of a merger. */
export const stateSchema = z.strictObject({
  kind: z.literal("merger"),
  /** The change as it was last looked at; null before. Another one is assessed, and approved, anew. */
  subject: subjectSchema.nullable().default(null),
  /** True once an agent was asked about the subject, even if its answer could not be read. */
  assessed: z.boolean().default(false),
  assessment: mergeAssessmentSchema.nullable(),
  /** Why it does not merge by itself; null when it does, or is not assessed yet. */
  withheld: z.string().nullable(),
  /** True once people approved the subject. */
  approved: z.boolean().default(false),
  /** True where the forge's own merge queue lands merges: no place in ours is taken. */
  ownQueue: z.boolean().default(false),
  /**
   * Place in the landing queue, as it was last looked up for this change since its gates were visited: none, in line, or first. A pause on
   * the way gives the place up, so it is looked up again then.
   */
  place: z.enum(["none", "in-line", "first"]).default("none"),
  /** How often it sent the run back to its gates while the base stood still. */
  revisits: z.number().int().nonnegative(),
  /** How often it did because the base had moved: another change got on meanwhile. */
  baseMoves: z.number().int().nonnegative().default(0),
  /** The last message of the forge about a merge that it has taken and not landed. */
  sent: z.string().optional(),
  evictions: evictionsSchema,
});
/** Facts of a merger. */
export const factSchema = z.discriminatedUnion("is", [
  /** The change is not the one that was looked at before. */
  z.strictObject({ is: z.literal("looked"), subject: subjectSchema, ownQueue: z.boolean() }),
  assessedFactSchema,
  z.strictObject({ is: z.literal("approved") }),
  z.strictObject({ is: z.literal("in-line"), ahead: z.number().int().nonnegative().nullable() }),
  z.strictObject({ is: z.literal("first-in-line") }),
  z.strictObject({
    is: z.literal("revisit"),
    because: z.string(),
    /** True when another change moved the base. Default: false. */
    baseMoved: z.boolean().optional(),
  }),
  /** The forge has taken the merge, and lands it by itself. */
  z.strictObject({ is: z.literal("sent"), message: z.string().max(4000) }),
  /** The task could not be moved into its module after the merge. */
  z.strictObject({ is: z.literal("not-assigned"), why: z.string().max(4000) }),
  evictedFactSchema,
]);
/** State of a merger. */
export type State = z.infer<typeof stateSchema>;
/** A fact of a merger. */
export type Fact = z.infer<typeof factSchema>;
/** The state after a fact. */
export function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    case "looked":
      return {
        ...state,
        subject: fact.subject,
        ownQueue: fact.ownQueue,
        assessed: false,
        assessment: null,
        withheld: null,
        approved: false,
        place: "none",
      };
    case "assessed":
      return { ...state, assessed: true, assessment: fact.assessment, withheld: fact.withheld };
    case "approved":
      return { ...state, approved: true };
    case "in-line":
      return { ...state, place: "in-line" };
    case "first-in-line":
      return { ...state, place: "first" };
    case "revisit":
      return {
        ...state,
        place: "none",
        ...(fact.baseMoved === true ? { baseMoves: state.baseMoves + 1 } : { revisits: state.revisits + 1 }),
      };
    case "sent":
      return { ...state, sent: fact.message };
    case "not-assigned":
      return state;
    case "evicted":
      return { ...state, evictions: countEviction(state.evictions, fact) };
  }
}
