/** Step kinds, gates and agent kinds that Millrace does not ship: the engine knows of them only what they declare. */
import { defineAgentKind, type AgentKind } from "@millrace/agents";
import { notificationSchema, pipelineSchema, type Block } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decisionInput, newRun, taskBlock, testUser } from "../../spec/defaults.js";
import { createRegistries, type Registrations } from "../../steps/registry.js";
import { given, type DeciderSpec } from "../../spec/decider-spec.js";
import { probeResult, pullRequest, sha } from "../../spec/results.js";
import { answers, returns } from "../../spec/stimuli.js";
import type { Gate } from "../../steps/gate/gate.js";
import { defineStepKind, type DefinedStepKind, type Move, type StepKind } from "../model/step-kind.js";
import { runnableSteps } from "../pipelines/shape.logic.js";
import { acceptedAnswers } from "./answer.logic.js";
import { decide } from "./decide.logic.js";
import { refusal } from "./decider.fixture.js";

/** A step kind that makes one move when it is entered, and finishes when it is answered. */
function audit(enters: Move, declared: Partial<StepKind> = {}): DefinedStepKind {
  return defineStepKind({
    name: "audit",
    state: z.looseObject({ kind: z.string() }),
    fact: z.looseObject({ is: z.string() }),
    initial: () => ({ kind: "audit" }),
    fold: (state) => state,
    enter: () => enters,
    onResult: () => ({ to: "poll-again" }),
    answered: () => ({ to: "finish" }),
    ...declared,
  });
}
const auditor = defineAgentKind({ id: "auditor", step: "audit", intent: "audit the change", role: "" });
const audited = (stepKind: DefinedStepKind, more: { readonly agent?: Partial<AgentKind>; readonly block?: Partial<Block> } = {}) =>
  given(["auditor"], {
    stepKinds: [stepKind],
    agentKinds: [{ ...auditor, ...more.agent }],
    input: { block: { ...taskBlock, ...more.block } },
  });

/** Types of the notifications that the last command raised; each must have its shape. */
function raised({ changes }: DeciderSpec): readonly string[] {
  return changes.flatMap((change) => (change.change === "raise-notification" ? [notificationSchema.parse(change.notification).type] : []));
}
const statusOf = ({ changes }: DeciderSpec): string | undefined => changes.find((one) => one.change === "patch-block")?.patch.status;

describe("a wait of a kind's own", () => {
  const asks: Move = { to: "wait", on: { on: "sign-off", question: "Sign?", options: [], subject: "d", output: null, approvers: 1 } };
  const signOff = { notification: "sign_off_required", answers: ["approve", "reject"], status: "pr_ready" } as const;
  const kind = audit(asks, { waits: { "sign-off": signOff } });

  it("raises the notification and gives the block the status that it declares", () => {
    const spec = audited(kind).then({ wait: { on: "sign-off" } });
    expect(raised(spec)).toEqual(["sign_off_required"]);
    expect(statusOf(spec)).toBe("pr_ready");
  });

  it("accepts the answers it declares and no other", () => {
    const { stepKinds } = createRegistries({ stepKinds: [kind], agentKinds: [auditor] });
    const spec = audited(kind);
    expect(acceptedAnswers(spec.run, stepKinds)).toEqual(["approve", "reject"]);
    expect(spec.refuses(answers({ answer: "proceed" }), "wait_mismatch").fix).not.toBeNull();
    spec.when(answers({ answer: "approve", edited: null })).then({ phase: { is: "done" } });
    expect(acceptedAnswers(spec.run, stepKinds)).toEqual([]);
  });

  it("is refused when it is not declared, before the run waits for an answer that nothing accepts", () => {
    expect(refusal(() => audited(audit(asks)))).toEqual({ code: "config_invalid", fix: true });
    const registries = createRegistries({ stepKinds: [audit(asks)], agentKinds: [auditor] });
    const run = newRun(["auditor"], {}, registries);
    const start = { command: "start", at: 1, actor: testUser, run } as const;
    expect(refusal(() => decide(null, start, decisionInput(), registries)).code).toBe("config_invalid");
  });
});

describe("the end of a run whose last step is of a kind's own", () => {
  it("has the notification that the kind declares for its failure, and the common one for any other failure", () => {
    const failing = (code: string): Move => ({ to: "fail", failure: { kind: "agent", code, message: "no", detail: null } });
    const endNotifications = { audit_failed: "audit_rejected" };
    expect(raised(audited(audit(failing("audit_failed"), { endNotifications })))).toEqual(["audit_rejected"]);
    expect(raised(audited(audit(failing("other"), { endNotifications })))).toEqual(["run_failed"]);
  });

  it("gives its block the status that the kind declares for the block's level; the agent kind's own comes first", () => {
    const finished = (statusWhenLast: StepKind["statusWhenLast"], more: Parameters<typeof audited>[1] = {}) => {
      const spec = audited(audit({ to: "finish" }, statusWhenLast === undefined ? {} : { statusWhenLast }), more);
      return [statusOf(spec), raised(spec)];
    };
    expect(finished(undefined)).toEqual(["done", []]);
    expect(finished({ task: "ready" })).toEqual(["ready", []]);
    expect(finished({ task: "ready" }, { agent: { statusWhenLast: { task: "done" } } })).toEqual(["done", []]);
    expect(finished({ task: "ready" }, { block: { level: "service" } })).toEqual(["done", []]);
    expect(finished({ service: "ready" }, { block: { level: "service" } })).toEqual(["ready", []]);
  });

  it("leaves a task with a pull request to be merged, whatever the kind declares", () => {
    expect(statusOf(audited(audit({ to: "finish" }, { statusWhenLast: { task: "ready" } }), { block: { pullRequest } }))).toBe("pr_ready");
  });
});

describe("a gate of one's own", () => {
  const license: Gate = {
    name: "license",
    helper: "ci-fixer",
    budget: () => 0,
    readsChecks: true,
    ownsConflicts: false,
    endNotification: "license_violated",
    judge: ({ checks }) => (checks.length === 0 ? { says: "red", because: "none" } : { says: "green", because: "all licensed" }),
    briefs: () => [],
  };
  const agentKinds = [defineAgentKind({ id: "license", step: "gate", intent: "check licenses", role: "" })];
  const registered: Registrations = { gates: [license], agentKinds };
  const gated = (...steps: string[]): DeciderSpec => given(steps, { ...registered, run: { pullRequest } });
  const moved = returns(probeResult({ head: sha("3") }));

  it("that reads checks is evidence for a merger; one that declares otherwise is not", () => {
    const steps = [{ kind: "coder" }, { kind: "license" }, { kind: "merger" }];
    const pipeline = pipelineSchema.parse({ id: "pl", name: "P", steps });
    const advisory = createRegistries({ gates: [{ ...license, evidence: false }], agentKinds });
    expect(runnableSteps(pipeline, createRegistries(registered))).toHaveLength(3);
    expect(refusal(() => runnableSteps(pipeline, advisory))).toEqual({ code: "pipeline_invalid", fix: true });
  });

  it("ends a run that used up its budget with its own notification", () => {
    const spec = gated("license").when(returns(probeResult({}, [])));
    spec.then({ phase: { is: "failed", failure: { code: "license_exhausted" } } });
    expect(raised(spec)).toEqual(["license_violated"]);
  });

  it("must be green together with every other one that gives evidence, for the head that is merged", () => {
    gated("ci", "license", "merger")
      .when(returns(probeResult()), moved)
      .then({ summary: "ci:done license:done merger:effect" })
      .when(moved)
      .then({ summary: "ci:effect license:pending merger:pending" })
      .when(moved, moved, moved)
      .then({ request: { do: "start-job", kind: "merger" } });
  });

  it("that is not green withholds the merge, however green the others are", () => {
    gated("ci", "license", "merger")
      .when(returns(probeResult()), returns(probeResult({ state: "merged" })), returns(probeResult()))
      .then({ phase: { is: "failed", failure: { code: "no_evidence" } } });
  });
});
