import type { Described, EventText, StepStateView } from "@millrace/contracts";
import { described } from "../shared/describe.logic.js";
import type { Fact, State } from "./state.js";

const ENDS = { ready: "", exceeded: ", and no round is left", incorporated: ": closed" } as const;

/** Describes a fact of a review to readers; null: bookkeeping, whose outcome is told. */
export function describe(fact: Fact): Described | null {
  switch (fact.is) {
    case "review-begun":
    case "incorporating":
    case "answers-collected":
      return null;
    case "closed-before":
      return described("good", "closed before, for the same description");
    case "review-resumed":
      return described("plain", `takes up iteration ${fact.round.iteration}, with its answers`, fact.round.inShort);
    case "reviewed":
      return described(
        fact.status === "incorporated" ? "good" : "ask",
        `iteration ${fact.round.iteration} has ${fact.round.inShort}${ENDS[fact.status]}`,
      );
    case "review-reopened":
      return described("ask", "the findings are open to people again", fact.because);
    case "reworked":
      return described("plain", `the answers became a document of ${fact.document.chars} characters`);
    case "round-granted":
      return described("plain", "one more round granted");
    case "review-closed":
      return described("good", fact.how === "proceed" ? "closed as it is, by a person" : "closed: nothing to fold in");
  }
}

/** Findings of an iteration, and the document that the answers were folded into: neither is an output of the step. */
export function texts(fact: Fact): readonly EventText[] {
  if (fact.is === "reviewed") return [{ title: "findings", output: fact.round.output }];
  return fact.is === "reworked" ? [{ title: "document", output: fact.document }] : [];
}

/** View of the state of a review. */
export function view({ now, cap, rework }: State): Partial<StepStateView> {
  const review = reviewView(now);
  return review === null ? {} : { review, loop: { agent: rework, used: review.iteration, allowed: cap } };
}

function reviewView(now: State["now"]): StepStateView["review"] {
  switch (now.is) {
    case "reading":
    case "closed":
      return null;
    case "reviewing":
      return { iteration: now.iteration, stage: "reviewing", findings: null };
    case "asking":
      return { iteration: now.round.iteration, stage: "asking", findings: now.round.inShort };
    case "collecting":
    case "reworking":
      return { iteration: now.round.iteration, stage: "folding", findings: now.round.inShort };
  }
}
