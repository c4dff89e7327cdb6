import type { EventDescription, StepStateView } from "@millrace/contracts";
import { described, helperSent, jobLost } from "../shared/describe.logic.js";
import type { Fact, State } from "./state.js";

/** What a fact of a release watch means to a reader. */
export function describe(fact: Fact): EventDescription {
  switch (fact.is) {
    case "watching":
      return described("plain", `watches the release for ${Math.round(fact.windowMs / 60_000)} min`);
    case "nothing-to-watch":
      return described("dim", "watches nothing", fact.because);
    case "unwatched":
      return described("bad", "the release is not watched", fact.because);
    case "healthy":
      return described("good", "the release is healthy", fact.because);
    case "regressed":
      return described("bad", "the release looks worse", fact.because);
    case "helper-sent":
      return helperSent({ helper: fact.helper });
    case "investigated":
      return fact.assessment === null
        ? described("bad", "the regression was not investigated", fact.summary)
        : described("ask", `the on-call agent recommends: ${fact.assessment.recommendation}`, fact.assessment.rationale);
    case "not-enriched":
      return described("bad", "the incident was not updated", fact.why);
    case "evicted":
      return jobLost(fact);
  }
}

/** View of the state of a release watch; `helper` is the agent kind it sends. */
export function view({ assessment, summary, watch, attempts }: State, helper: string): Partial<StepStateView> {
  return {
    investigation: assessment,
    note: summary === "" ? null : summary,
    loop: watch === null ? null : { agent: helper, used: attempts, allowed: watch.budget },
  };
}
