import type { EventDescription, StepStateView } from "@millrace/contracts";
import { described, jobLost } from "../shared/describe.logic.js";
import type { Fact, State } from "./state.js";

/** What a fact of a merger means to a reader. */
export function describe(fact: Fact): EventDescription | null {
  switch (fact.is) {
    case "looked":
      return null;
    case "assessed":
      return fact.withheld === null
        ? described("good", "within the merge thresholds")
        : described("ask", "does not merge by itself", fact.withheld);
    case "approved":
      return described("good", "approved for this change");
    case "in-line":
      return described("plain", inLine(fact.ahead));
    case "first-in-line":
      return described("plain", "is first in line");
    case "revisit":
      return described("plain", "looks again", fact.because);
    case "sent":
      return described("plain", "the forge has accepted the merge and lands it by itself", fact.message);
    case "not-assigned":
      return described("bad", "the task was not moved into its module", fact.why);
    case "evicted":
      return jobLost(fact);
  }
}

function inLine(ahead: number | null): string {
  return ahead === null ? "takes a place in line" : `waits for its turn: ${ahead} before it`;
}

/** View of the state of a merger. */
export function view({ assessment, withheld, sent, place }: State): Partial<StepStateView> {
  return { assessment, withheld, mergeSent: sent ?? null, isInLine: place === "in-line" };
}
