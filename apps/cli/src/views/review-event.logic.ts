import type { StepFact } from "@millrace/contracts";
import { z } from "zod";
import type { EventLine } from "./event.logic.js";

const roundSchema = z.looseObject({ iteration: z.number(), inShort: z.string() });
const factSchema = z.discriminatedUnion("is", [
  z.looseObject({ is: z.literal("closed-before") }),
  z.looseObject({ is: z.literal("review-begun") }),
  z.looseObject({ is: z.literal("review-resumed"), round: roundSchema }),
  z.looseObject({ is: z.literal("reviewed"), round: roundSchema, status: z.enum(["ready", "exceeded", "incorporated"]) }),
  z.looseObject({ is: z.literal("incorporating") }),
  z.looseObject({ is: z.literal("answers-collected") }),
  z.looseObject({ is: z.literal("review-reopened"), because: z.string() }),
  z.looseObject({ is: z.literal("reworked"), document: z.looseObject({ chars: z.number() }) }),
  z.looseObject({ is: z.literal("review-closed"), how: z.enum(["nothing-to-fold", "proceed"]) }),
]);

/** A fact of a review step as a line; `null` for its bookkeeping, `undefined` for a fact of another kind of step. */
export function reviewFactLine(unknownFact: StepFact, step: string): EventLine | null | undefined {
  const parsed = factSchema.safeParse(unknownFact);
  if (!parsed.success) return undefined;
  const fact = parsed.data;
  const line = (tone: EventLine["tone"], text: string): EventLine => ({ tone, text: `${step}: ${text}` });
  switch (fact.is) {
    case "review-begun":
    case "incorporating":
    case "answers-collected":
      return null;
    case "closed-before":
      return line("good", "settled before, for the same description");
    case "review-resumed":
      return line("plain", `takes up iteration ${fact.round.iteration}, with its answers: ${fact.round.inShort}`);
    case "reviewed": {
      const passed = fact.status === "incorporated";
      const end = { ready: "", exceeded: ", and no round is left", incorporated: ": settled" }[fact.status];
      return line(passed ? "good" : "ask", `iteration ${fact.round.iteration} has ${fact.round.inShort}${end}`);
    }
    case "review-reopened":
      return line("ask", `the findings are open to people again: ${fact.because}`);
    case "reworked":
      return line("plain", `the answers became a document of ${fact.document.chars} characters`);
    case "review-closed":
      return line("good", fact.how === "proceed" ? "settled as it is, by a person" : "settled: nothing to fold in");
  }
}
