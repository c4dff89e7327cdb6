import type { EventDescription, StepStateView } from "@millrace/contracts";
import { comparison, described } from "../shared/describe.logic.js";
import type { Fact, State } from "./state.js";

/** What a fact of a companion means to a reader; null: its budget and the count of reworks, which the log tells as a rework. */
export function describe(fact: Fact): EventDescription | null {
  switch (fact.is) {
    case "rated": {
      const { rating, bar, passed, summary, compared } = fact;
      const verdict = `${passed ? "passes" : "not yet"}${comparison(compared)}`;
      return described(passed ? "good" : "ask", `rates the work ${rating} (bar ${bar}), ${verdict}`, summary);
    }
    case "budgeted":
    case "sent-back":
      return null;
    case "round-granted":
      return described("plain", "one more round granted");
  }
}

/** View of the state of a companion. */
export function view({ ratings, reworks, maxReworks }: State): Partial<StepStateView> {
  return {
    ratings: ratings.map(({ rating, bar, passed, summary, comments }) => ({
      rating,
      bar,
      passed,
      summary,
      comments: comments.map(({ body, severity }) => (severity === undefined ? body : `[${severity}] ${body}`)),
    })),
    loop: { agent: null, used: reworks, allowed: maxReworks ?? 0 },
  };
}
