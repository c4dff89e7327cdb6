import { agentAnswer, answers, finishedJob, given, jobReturns, returns, validProduct, type DeciderSpec } from "@millrace/testing/decider";
import { it } from "vitest";
import { licenceChecker, licenceCheckStep } from "./licence-check.ts";

const finds = (...forbidden: string[]) => returns(agentAnswer("licences", validProduct({ forbidden })));
const written = jobReturns(finishedJob("code"));

function checking(): DeciderSpec {
  return given(["coder", "licence-checker"], { agentKinds: [licenceChecker], stepKinds: [licenceCheckStep] }).when(written);
}

it("a change without forbidden licences passes", () => {
  checking()
    .then({ summary: "coder:done licence-checker:effect", request: { do: "ask-agent", kind: "licence-checker" } })
    .when(finds())
    .then({ summary: "coder:done licence-checker:done", phase: { is: "done" } });
});

it("forbidden licences send the change back once; what is found again is a person's to accept", () => {
  checking()
    .when(finds("left-pad: AGPL"))
    .then({ summary: "coder:effect licence-checker:pending" })
    .when(written, finds("left-pad: AGPL"))
    .then({
      state: { sentBack: 1 },
      wait: { on: "forbidden-licences", question: "Still there after a rework: left-pad: AGPL. Keep them?" },
    })
    .when(answers({ answer: "proceed" }))
    .then({ phase: { is: "done" } });
});

it("a person cannot answer what was not asked", () => {
  checking().refuses(answers({ answer: "proceed" }), "wait_closed");
});
