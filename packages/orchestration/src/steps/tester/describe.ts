import type { EventDescription, StepStateView } from "@millrace/contracts";
import { comparison, described, helperBack, helperSent, helperViews, jobLost } from "../shared/describe.logic.js";
import type { Fact, State } from "./state.js";

/** What a fact of a tester means to a reader; null: its budget, which is bookkeeping. */
export function describe(fact: Fact): EventDescription | null {
  switch (fact.is) {
    case "budgeted":
      return null;
    case "tested": {
      const { accepted, because, summary } = fact.report;
      const verdict = `${accepted ? "accepted" : "not accepted"}, ${because}${comparison(fact.compared)}`;
      return described(accepted ? "good" : "ask", verdict, summary);
    }
    case "untested":
      return described("ask", "could not test", fact.because);
    case "helper-sent":
      return helperSent(fact);
    case "helper-returned":
      return helperBack(fact);
    case "evicted":
      return jobLost(fact);
  }
}

/** View of the state of a tester; `helper` is the agent kind it sends. */
export function view({ report, log, attempts, budget }: State, helper: string): Partial<StepStateView> {
  return {
    report: report === null ? null : reportView(report),
    helpers: helperViews(log),
    loop: { agent: helper, used: attempts, allowed: budget ?? 0 },
  };
}

function reportView({ accepted, because, summary, concerns, head }: NonNullable<State["report"]>): StepStateView["report"] {
  return { accepted, because, summary, concerns, head };
}
