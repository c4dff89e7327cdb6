import { describe, expect, it } from "vitest";
import {
  agentAnswer,
  answers,
  fails,
  finishedJob,
  given,
  hasStopped,
  jobReturns,
  returns,
  stops,
  timesOut,
  UnmetExpectation,
} from "./index.js";

/** The message of what `act` throws. */
function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UnmetExpectation) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("then", () => {
  it("compares what is named and nothing else", () => {
    given(["architect", "coder"])
      .then({ summary: "architect:effect coder:pending", request: { do: "start-job" }, phase: { is: "live" }, wait: null })
      .when(jobReturns(finishedJob("a design", null)))
      .then({ summary: "architect:done coder:effect", state: { kind: "job" }, request: { kind: "coder" } })
      .then({});
  });

  it("compares the events of the last command, by type or by fields, each of them", () => {
    const spec = given(["researcher"]).when(returns(agentAnswer("options")));
    spec.then({ events: ["output-recorded", { type: "step-finished", step: 0 }, "run-finished"] });
    expect(messageOf(() => spec.then({ events: ["output-recorded"] }))).toContain("events: expected 1 elements, there are 3: [{");
  });

  it("names every place where the run is another than expected, with both values, and the test runner gets both sides", () => {
    const spec = given(["researcher"]);
    const wrong = { summary: "researcher:done", request: { do: "ask-agent", kind: "architect" }, wait: { on: "cap" } } as const;
    expect(messageOf(() => spec.then(wrong))).toBe(
      [
        "the run is not as expected:",
        '  summary: expected "researcher:done", is "researcher:effect"',
        '  request.kind: expected "architect", is "researcher"',
        '  wait: expected {"on":"cap"}, is null',
      ].join("\n"),
    );
    expect(() => spec.then(wrong)).toThrow(expect.objectContaining({ expected: wrong, actual: expect.objectContaining({ wait: null }) }));
  });
});

describe("refuses", () => {
  const approval = () => given([{ kind: "researcher", approval: { approvers: 1 } }]).when(returns(agentAnswer("options")));

  it("returns the refusal, and the run stays as it was", () => {
    const spec = approval();
    const before = spec.run;
    expect(spec.refuses(answers({ answer: "proceed" }), "wait_mismatch").fix).toContain("approve");
    expect(spec.run).toBe(before);
  });

  it("is not met by what is accepted, nor by another refusal", () => {
    expect(messageOf(() => approval().refuses(stops("failed")))).toBe("expected a refusal, it was accepted");
    expect(messageOf(() => approval().refuses(answers({ answer: "proceed" }), "wait_closed"))).toContain("it is 'wait_mismatch'");
  });
});

describe("when", () => {
  it("is bound to the state the run is in: each stimulus sees what the one before it left", () => {
    given(["researcher", "documenter"])
      .when(returns(agentAnswer("options")), fails(false))
      .then({
        summary: "researcher:done documenter:effect",
        phase: { is: "failed" },
      });
    given(["architect"])
      .when(stops("cancelled"), hasStopped())
      .then({ phase: { is: "cancelled" } });
    given(["architect"])
      .when(timesOut(), hasStopped())
      .then({ phase: { is: "failed", failure: { kind: "timeout" } } });
  });

  it("happens at the time that has come", () => {
    const spec = given(["researcher"])
      .after(500)
      .when(returns(agentAnswer("options")));
    expect(spec.run.finishedAt).toBe(1500);
  });
});
