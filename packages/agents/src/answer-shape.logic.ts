import type { Participant } from "@millrace/contracts";
import { unitSchema } from "@millrace/contracts";
import { z } from "zod";
import type { AgentKind } from "./kinds/kind.js";

/** The shape an answer must have, and how it reads. */
export interface AnswerShape {
  readonly schema: z.ZodType;
  /** Null: the answer's own text is what people read. */
  render(value: unknown): string | null;
}

/** Scores that one participant gives to all drafts, by the position at which a draft was shown (from 1). A draft that is left out scores 0. */
export const draftScoresSchema = z.object({
  scores: z
    .array(z.object({ draft: z.number().int().min(1).max(8), value: unitSchema, rationale: z.string().max(2000).optional() }))
    .max(8),
});
/** One ballot of the strategy `voting`: a score from 0 to 1 for each draft, with an optional rationale. */
export type DraftScores = z.infer<typeof draftScoresSchema>;

/** Shape of the answer of a kind that is asked as this participant; null for prose. */
export function answerShape(kind: AgentKind | null, participant: Participant | null): AnswerShape | null {
  if (participant?.answers === "prose") return null;
  if (participant?.answers === "scores") return { schema: draftScoresSchema, render: () => null };
  if (kind === null || kind.answer === null) return null;
  return { schema: kind.answer, render: kind.render ?? (() => null) };
}
