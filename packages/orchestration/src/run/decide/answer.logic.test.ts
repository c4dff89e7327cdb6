import { createAgentKinds } from "@millrace/agents";
import type { HumanAnswer } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { acceptedAnswers } from "./answer.logic.js";
import { decide } from "./decide.logic.js";
import { openWait } from "../model/due.logic.js";
import { ENGINE_WAITS } from "../model/waits.js";
import {
  agentAnswer,
  answers,
  type DeciderSpec,
  finishedJob,
  given,
  jobReturns,
  outputRef,
  recordedAnswer,
  returns,
  testUser,
  unchangedWork,
  validProduct,
} from "../../spec/index.js";
import { builtInRegistries, decisionInput } from "../../spec/defaults.js";
import { refusal } from "./decider.fixture.js";

const approve: HumanAnswer = { answer: "approve", edited: null };
const changes: HumanAnswer = { answer: "request-changes", revision: { previous: null, feedback: "more", comments: [] } };
const reject: HumanAnswer = { answer: "reject", reason: "no" };
const every: readonly HumanAnswer[] = [
  { answer: "choose", option: "a" },
  approve,
  changes,
  reject,
  { answer: "extra-round" },
  { answer: "proceed" },
];

function onApproval(approvers = 1): DeciderSpec {
  const spec = given([{ kind: "researcher", approval: { approvers } }, "documenter"]);
  spec.when(returns(agentAnswer("options")));
  return spec;
}

function onDecision(options: string[] = ["a", "b"]): DeciderSpec {
  const spec = given(["researcher", "documenter"]);
  spec.when(returns(agentAnswer("?", { question: { question: "which?", options } })));
  return spec;
}

const types = (events: readonly { readonly type: string }[]): string[] => events.map((event) => event.type);

describe("which answers fit which wait", () => {
  it("people may reject wherever they may approve or proceed", () => {
    const waits = Object.assign({}, ENGINE_WAITS, ...builtInRegistries.stepKinds.list().map((kind) => kind.waits)) as typeof ENGINE_WAITS;
    expect(Object.fromEntries(Object.entries(waits).map(([on, { answers }]) => [on, answers]))).toEqual({
      decision: ["choose"],
      approval: ["approve", "request-changes", "reject"],
      cap: ["extra-round", "proceed", "reject"],
      "checks-blocked": ["choose", "reject"],
      merge: ["approve", "request-changes", "reject"],
      review: ["incorporate", "proceed", "extra-round", "reject"],
      untested: ["extra-round", "proceed", "reject"],
    });
  });

  it.each([
    ["a decision", onDecision],
    ["an approval", onApproval],
  ])("%s takes those, and refuses every other with what would fit", (_name, park) => {
    for (const reply of every) {
      const spec = park();
      const fits = acceptedAnswers(spec.run, builtInRegistries.stepKinds).includes(reply.answer);
      expect(
        refusal(() => spec.when(answers(reply))),
        reply.answer,
      ).toEqual(fits ? { code: "accepted", fix: false } : { code: "wait_mismatch", fix: true });
    }
  });
});

describe("an answer is bound to its wait and used once (P5)", () => {
  const tell = (spec: DeciderSpec, patch: object) =>
    refusal(() => {
      const wait = openWait(spec.run);
      spec.when({
        command: "answer",
        at: 2000,
        actor: testUser,
        wait: wait?.id ?? "",
        subject: wait?.subject ?? "",
        answer: approve,
        ...patch,
      });
    });

  it.each([
    ["another wait", { wait: "run_1.0.1.2" }, "wait_closed"],
    ["another digest than the one shown", { subject: "other" }, "digest_mismatch"],
    ["an agent", { actor: { type: "agent", id: "coder" } }, "forbidden_actor"],
    ["the system", { actor: { type: "system", id: "millrace" } }, "forbidden_actor"],
  ])("%s is refused with what to do, and the wait stays open", (_name, patch, code) => {
    const spec = onApproval();
    expect(tell(spec, patch)).toEqual({ code, fix: true });
    expect(openWait(spec.run)?.approvedBy).toEqual([]);
  });

  it("an answer given twice is refused the second time", () => {
    const spec = onApproval();
    const wait = openWait(spec.run);
    const once = { wait: wait?.id ?? "", subject: wait?.subject ?? "" };
    expect(tell(spec, once).code).toBe("accepted");
    expect(tell(spec, once)).toEqual({ code: "wait_closed", fix: true });
  });

  it("the waits of a finished run are closed", () => {
    const spec = onApproval();
    const wait = openWait(spec.run);
    spec.when(answers(reject));
    expect(tell(spec, { wait: wait?.id ?? "", subject: wait?.subject ?? "" })).toEqual({ code: "run_not_live", fix: true });
  });
});

describe("an answer that does not fit the stored shape is refused, so that a run stays readable", () => {
  const tooLong: readonly [string, () => DeciderSpec, HumanAnswer][] = [
    ["a choice", () => onDecision([]), { answer: "choose", option: "o".repeat(501) }],
    ["a reason", onApproval, { answer: "reject", reason: "r".repeat(2001) }],
    ["feedback", onApproval, { answer: "request-changes", revision: { previous: null, feedback: "f".repeat(10_001), comments: [] } }],
  ];
  it.each(tooLong)("%s that is too long", (_name, park, reply) => {
    const spec = park();
    expect(refusal(() => spec.when(answers(reply)))).toEqual({ code: "validation", fix: true });
    expect(openWait(spec.run)).not.toBeNull();
  });
});

describe("approvals", () => {
  it("one approval records who approved what, when, and keeps the agent's own output", () => {
    const spec = onApproval();
    spec.now = 5000;
    expect(types(spec.when(answers(approve)).events)).toEqual([
      "human-answered",
      "step-approved",
      "step-finished",
      "step-entered",
      "effect-requested",
    ]);
    expect(spec.run.steps[0]).toMatchObject({
      output: outputRef("options"),
      approved: { by: ["ada"], subject: "options", at: 5000 },
      timing: { waitedMs: 4000 },
    });
  });

  it("an edited proposal replaces the agent's output and its author stays the model", () => {
    const spec = onApproval();
    spec.when(answers({ answer: "approve", edited: outputRef("edited") }));
    expect(spec.run.steps[0]).toMatchObject({ output: outputRef("edited"), model: "model-1" });
  });

  it("several approvers must be different people; the last one moves the run", () => {
    const spec = onApproval(3);
    expect(types(spec.when(answers(approve, "ada")).events)).toEqual(["human-agreed"]);
    expect(refusal(() => spec.when(answers(approve, "ada"))).code).toBe("conflict");
    expect(types(spec.when(answers(approve, "bob")).events)).toEqual(["human-agreed"]);
    expect(spec.summary).toBe("researcher:wait documenter:pending");
    spec.when(answers(approve, "cy"));
    expect(spec.run.steps[0]?.approved?.by).toEqual(["ada", "bob", "cy"]);
    expect(spec.summary).toBe("researcher:done documenter:effect");
  });

  it("one of several approvers rejects for all, or asks for changes for all", () => {
    const rejected = onApproval(3);
    rejected.when(answers(approve, "ada"));
    rejected.when(answers(reject, "bob"));
    expect(rejected.run.phase.is).toBe("failed");
    const sentBack = onApproval(3);
    sentBack.when(answers(changes, "ada"));
    expect(sentBack.run.steps[0]).toMatchObject({ attempt: 2, revision: { feedback: "more" } });
  });

  const edit: HumanAnswer = { answer: "approve", edited: outputRef("edited") };
  const approval = { approvers: 1 };

  it.each<[string, () => DeciderSpec, ReturnType<typeof returns>]>([
    ["a specification", () => given([{ kind: "spec-writer", approval }]), jobReturns(finishedJob("spec"))],
    ["a map of the service", () => given([{ kind: "blueprints", approval }]), jobReturns(finishedJob("map"))],
    ["a change", () => given([{ kind: "coder", approval }]), jobReturns(finishedJob("change"))],
    ["an estimate", () => given([{ kind: "task-estimator", approval }]), returns(agentAnswer("small"))],
    [
      "a ticket",
      () => given([{ kind: "tracker", approval }]),
      returns({ of: "call", name: "file-issue", value: { output: { ...outputRef("T-1") }, issue: null } }),
    ],
  ])("F:A12 an edit of %s is refused: the thing itself would stay as it was", (_name, begin, result) => {
    const spec = begin();
    spec.when(result);
    expect(openWait(spec.run)?.on).toBe("approval");
    expect(refusal(() => spec.when(answers(edit)))).toEqual({ code: "validation", fix: true });
    expect(openWait(spec.run)?.on).toBe("approval");
    spec.when(answers(approve));
    expect(spec.run.phase.is).toBe("done");
  });

  it("F:A12 an edit behind a companion replaces the work it grades, not the grade", () => {
    const spec = given(["architect", { kind: "architect-companion", approval }]);
    spec.when(jobReturns(finishedJob("design", unchangedWork)));
    spec.when(returns(agentAnswer("grade", validProduct({ rating: 0.9, summary: "good" }))));
    spec.when(answers(edit));
    expect(spec.run.steps).toMatchObject([{ output: outputRef("edited") }, { output: outputRef("grade") }]);
  });

  it("F:A12 an edit behind a companion replaces the work of the step before it, wherever that is", () => {
    const spec = given(["researcher", "architect", { kind: "architect-companion", approval }]);
    spec.when(returns(agentAnswer("options")), jobReturns(finishedJob("design", unchangedWork)));
    spec.when(returns(agentAnswer("grade", validProduct({ rating: 0.9, summary: "good" }))), answers(edit));
    expect(spec.run.steps.map(({ output }) => output?.digest)).toEqual(["options", "edited", "grade"]);
  });

  it("F:A12 an edit is refused where nothing is shown, whatever stands behind it", () => {
    const spec = given([{ kind: "ci", approval }, "researcher"]);
    expect(openWait(spec.run)?.output).toBeNull();
    expect(refusal(() => spec.when(answers(edit)))).toEqual({ code: "validation", fix: true });
  });

  it("F:A12 an edit is refused where the kind of its author is not registered any more", () => {
    const { run } = given([{ kind: "researcher", approval }]).when(returns(agentAnswer("options")));
    const registries = { ...builtInRegistries, kinds: createAgentKinds([]) };
    const [command] = answers(edit)(run, 1);
    if (command === undefined) throw new Error("an answer is one command");
    expect(refusal(() => decide(run, command, decisionInput(), registries))).toEqual({ code: "validation", fix: true });
  });

  it("a proposal that several people approve cannot be edited by one of them; one approver's can", () => {
    const edited: HumanAnswer = { answer: "approve", edited: outputRef("edited") };
    expect(refusal(() => onApproval(2).when(answers(edited)))).toEqual({ code: "validation", fix: true });
    expect(refusal(() => onApproval(1).when(answers(edited))).code).toBe("accepted");
    expect(refusal(() => onApproval(2).when(answers(approve))).code).toBe("accepted");
  });

  it("a reject fails the run with the person and the reason", () => {
    const spec = onApproval();
    spec.when(answers({ answer: "reject", reason: "too costly" }));
    expect(spec.run.phase).toMatchObject({
      failure: { kind: "rejected", code: "approval_rejected", message: "rejected by ada: too costly", detail: null, step: 0 },
    });
    const silent = onApproval();
    silent.when(answers({ answer: "reject", reason: "" }));
    expect(silent.run.phase).toMatchObject({ failure: { message: "rejected by ada" } });
  });
});

describe("decisions", () => {
  it("only an offered option is a choice; without options every one is", () => {
    expect(refusal(() => onDecision().when(answers({ answer: "choose", option: "c" })))).toEqual({ code: "validation", fix: true });
    expect(refusal(() => onDecision().when(answers({ answer: "choose", option: "b" }))).code).toBe("accepted");
    expect(refusal(() => onDecision([]).when(answers({ answer: "choose", option: "c" }))).code).toBe("accepted");
  });

  it("the question and the choice stay with the step, which is asked again", () => {
    const spec = onDecision();
    spec.now = 1500;
    expect(types(spec.when(answers({ answer: "choose", option: "b" })).events)).toEqual(["human-answered", "effect-requested"]);
    expect(spec.run.steps[0]).toMatchObject({
      decisions: [{ question: "which?", chosen: "b" }],
      attempt: 1,
      effects: 2,
      timing: { waitedMs: 500 },
    });
  });
});

describe("a round cap", () => {
  const capped = (): DeciderSpec => {
    const spec = given(["architect", "architect-companion", "documenter"]);
    const bad = agentAnswer("grade", validProduct({ rating: 0.1, summary: "no" }));
    for (let round = 0; round < 4; round += 1) {
      spec.when(jobReturns({ of: "job", outcome: { is: "finished", answer: recordedAnswer(`design ${round}`), observed: null } }));
      spec.when(returns(bad));
    }
    return spec;
  };

  it("takes one more round, going on, or a reject, and nothing else", () => {
    expect(openWait(capped().run)?.on).toBe("cap");
    for (const reply of every) {
      const fits = ["extra-round", "proceed", "reject"].includes(reply.answer);
      expect(refusal(() => capped().when(answers(reply))).code, reply.answer).toBe(fits ? "accepted" : "wait_mismatch");
    }
    const rejected = capped();
    rejected.when(answers(reject));
    expect(rejected.run.phase).toMatchObject({ failure: { code: "cap_rejected" } });
  });
});
