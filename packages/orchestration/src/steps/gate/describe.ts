import type { EventDescription, EventText, StepStateView, Verdict } from "@millrace/contracts";
import { described, helperBack, helperSent, helperViews, jobLost, short } from "../shared/describe.logic.js";
import { failingChecks } from "../../run/rules/failing-checks.logic.js";
import type { Fact, GateState } from "./state.js";

const TONES = { green: "good", red: "bad", pending: "dim", unknown: "dim" } as const;

/** What a fact of a gate means to a reader; null: its budget, which is bookkeeping. */
export function describe(fact: Fact): EventDescription | null {
  switch (fact.is) {
    case "budgeted":
      return null;
    case "verdict": {
      const { says, head, because } = fact.verdict;
      return described(TONES[says], `${says} for ${short(head)}`, because);
    }
    case "behind":
      return described("plain", `the branch is behind ${short(fact.base)}; bringing it up to date`);
    case "helper-sent":
      return helperSent(fact);
    case "helper-returned":
      return helperBack(fact);
    case "evicted":
      return jobLost(fact);
  }
}

/** Output of the failing checks of a verdict. */
export function texts(fact: Fact): readonly EventText[] {
  return fact.is === "verdict" ? checkTexts(fact.verdict) : [];
}

function checkTexts({ observed, head }: Verdict): readonly EventText[] {
  return observed.flatMap(({ name, status, conclusion, summary }) =>
    status !== "completed" || conclusion === "success" || summary === null
      ? []
      : [{ title: `check '${name}' of ${short(head)}: ${conclusion ?? ""}`, text: summary }],
  );
}

/** View of the state of a gate; `helper` is the agent kind it sends, null when the gate is not registered. */
export function view({ verdict, log, attempts, budget }: GateState, helper: string | null): Partial<StepStateView> {
  return {
    verdict: verdict === null ? null : verdictView(verdict),
    helpers: helperViews(log),
    loop: helper === null ? null : { agent: helper, used: attempts, allowed: budget ?? 0 },
  };
}

function verdictView({ gate: _, observed, ...verdict }: Verdict): StepStateView["verdict"] {
  return { ...verdict, checks: observed, failing: failingChecks(observed).map(({ name }) => name) };
}
