/** Step kinds, gates and agent kinds that Millrace does not ship: what they declare is all the engine knows of them. */
import { builtInAgentKinds, createAgentKinds, defineAgentKind, type AgentKind } from "@millrace/agents";
import { notificationSchema, pipelineSchema, type Block, type HumanAnswer, type Run } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Gate } from "../../steps/gate/gate.js";
import { builtInGates, builtInStepKinds } from "../../steps/registry.js";
import type { Command } from "../model/command.js";
import { currentStep, openWait } from "../model/due.logic.js";
import { freshStep, type Registries } from "../model/evolve.logic.js";
import { createStepKinds, defineStepKind, type DefinedStepKind, type Move, type StepKind } from "../model/step-kind.js";
import { runnableSteps } from "../pipelines/shape.logic.js";
import { acceptedAnswers } from "./answer.logic.js";
import { consequences } from "./consequences.logic.js";
import { decide } from "./decide.logic.js";
import { ENGINE } from "../../platform/actor.logic.js";
import { decisionInput, newRun, stepDefinition, taskBlock, testUser } from "../../spec/defaults.js";
import { probeResult, pullRequest, sha } from "../../spec/results.js";
import { refusal } from "./decider.fixture.js";

/** Registries with more kinds than the built-in ones. */
function registriesWith(more: {
  readonly stepKinds?: readonly DefinedStepKind[];
  readonly agentKinds?: readonly AgentKind[];
  readonly gates?: readonly Gate[];
}): Registries {
  return {
    kinds: createAgentKinds([...builtInAgentKinds, ...(more.agentKinds ?? [])]),
    stepKinds: createStepKinds(builtInStepKinds([...builtInGates, ...(more.gates ?? [])], more.stepKinds)),
  };
}

/** A step kind that makes one move when it is entered, and another when it is answered. */
function audit(enters: Move, declared: Partial<StepKind> = {}, answered: Move = { to: "finish" }): DefinedStepKind {
  return defineStepKind({
    name: "audit",
    state: z.looseObject({ kind: z.string() }),
    fact: z.looseObject({ is: z.string() }),
    initial: () => ({ kind: "audit" }),
    fold: (state) => state,
    enter: () => enters,
    onResult: () => ({ to: "again" }),
    answered: () => answered,
    ...declared,
  });
}
const auditor = defineAgentKind({ id: "auditor", step: "audit", intent: "audit the change", role: "" });
const asks: Move = {
  to: "wait",
  on: { on: "sign-off", question: "Sign?", options: [], subject: "d", output: null, approvers: 1 },
};
const signOff = {
  waits: { "sign-off": { notification: "sign_off_required", answers: ["approve", "reject"], status: "pr_ready" } },
} as const;

interface Started {
  readonly run: Run;
  tell(command: Command): Run;
  /** Types of the notifications that the last command raised, and the status it gave the block. */
  outside(): { readonly raised: readonly string[]; readonly status: Block["status"] | undefined };
}

/** A started run of these steps, and what each command to it leads to. */
function start(
  registries: Registries,
  kinds: readonly string[],
  at: Partial<Pick<Run, "pullRequest"> & { readonly block: Block }> = {},
): Started {
  const known = decisionInput({ block: at.block ?? taskBlock, kinds: registries.kinds });
  const steps = kinds.map((kind) => freshStep(stepDefinition(kind), registries));
  const fresh: Run = { ...newRun(["researcher"]), steps, pullRequest: at.pullRequest ?? null };
  let before: Run | null = null;
  let decision = decide(null, { command: "start", at: 1, actor: testUser, run: fresh }, known, registries);
  return {
    get run() {
      return decision.run;
    },
    tell(command) {
      before = decision.run;
      decision = decide(before, command, known, registries);
      return decision.run;
    },
    outside() {
      const { events, again, run: after } = decision;
      const changes = consequences({ before, after, events, again, at: 1 }, known, registries.stepKinds);
      const raised = changes.flatMap((change) => (change.change === "raise-notification" ? [change.notification] : []));
      for (const notification of raised) notificationSchema.parse(notification);
      const patch = changes.find((change) => change.change === "patch-block");
      return { raised: raised.map(({ type }) => type), status: patch?.patch.status };
    },
  };
}

const answerOf = (answer: HumanAnswer): Command => ({
  command: "answer",
  at: 2,
  actor: testUser,
  wait: "run_1.0.1.1",
  subject: "d",
  answer,
});

describe("a wait of a kind's own", () => {
  const registries = registriesWith({ stepKinds: [audit(asks, signOff)], agentKinds: [auditor] });

  it("raises the notification and gives the block the status that it declares", () => {
    const started = start(registries, ["auditor"]);
    expect(openWait(started.run)?.on).toBe("sign-off");
    expect(started.outside()).toEqual({ raised: ["sign_off_required"], status: "pr_ready" });
  });

  it("accepts the answers it declares and no other", () => {
    const started = start(registries, ["auditor"]);
    expect(acceptedAnswers(started.run, registries.stepKinds)).toEqual(["approve", "reject"]);
    expect(refusal(() => started.tell(answerOf({ answer: "proceed" })))).toEqual({ code: "wait_mismatch", fix: true });
    expect(started.tell(answerOf({ answer: "approve", edited: null })).phase.is).toBe("done");
    expect(acceptedAnswers(started.run, registries.stepKinds)).toEqual([]);
  });

  it("is refused when it is not declared, before the run waits for an answer that nothing accepts", () => {
    const undeclared = registriesWith({ stepKinds: [audit(asks)], agentKinds: [auditor] });
    expect(refusal(() => start(undeclared, ["auditor"]))).toEqual({ code: "config_invalid", fix: true });
  });
});

describe("the end of a run whose last step is of a kind's own", () => {
  const failure = { kind: "agent", code: "audit_failed", message: "no", detail: null } as const;

  it("has the notification that the kind declares for its failure, and the common one for any other failure", () => {
    const endingIn = (code: string) => {
      const kind = audit({ to: "fail", failure: { ...failure, code } }, { endNotifications: { audit_failed: "audit_rejected" } });
      return start(registriesWith({ stepKinds: [kind], agentKinds: [auditor] }), ["auditor"]).outside().raised;
    };
    expect(endingIn("audit_failed")).toEqual(["audit_rejected"]);
    expect(endingIn("other")).toEqual(["run_failed"]);
  });

  it("gives its block the status that the kind declares for the block's level; the agent kind's own comes first", () => {
    const finished = (declared: Partial<StepKind>, agent: Partial<AgentKind>, level: Block["level"] = "task") => {
      const stepKinds = [audit({ to: "finish" }, declared)];
      const registries = registriesWith({ stepKinds, agentKinds: [{ ...auditor, ...agent }] });
      return start(registries, ["auditor"], { block: { ...taskBlock, level } }).outside();
    };
    expect(finished({}, {})).toEqual({ raised: ["pipeline_complete"], status: "pr_ready" });
    expect(finished({ statusWhenLast: { task: "ready" } }, {})).toEqual({ raised: [], status: "ready" });
    expect(finished({ statusWhenLast: { task: "ready" } }, { statusWhenLast: { task: "done" } })).toEqual({ raised: [], status: "done" });
    expect(finished({ statusWhenLast: { task: "ready" } }, {}, "service")).toEqual({ raised: [], status: "done" });
  });

  it("leaves a task with a pull request to be merged, whatever the kind declares", () => {
    const registries = registriesWith({
      stepKinds: [audit({ to: "finish" }, { statusWhenLast: { task: "ready" } })],
      agentKinds: [auditor],
    });
    expect(start(registries, ["auditor"], { block: { ...taskBlock, pullRequest } }).outside().status).toBe("pr_ready");
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
  const kind = defineAgentKind({ id: "license", step: "gate", intent: "check licenses", role: "" });
  const registries = registriesWith({ gates: [license], agentKinds: [kind] });
  const returned = (run: Run, result: ReturnType<typeof probeResult>): Command => {
    const { activity } = currentStep(run);
    return { command: "returned", at: 2, actor: ENGINE, key: activity.is === "effect" ? activity.effect.key : "", result };
  };
  const gated = (...kinds: string[]): Started => start(registries, kinds, { pullRequest });

  it("that reads checks is evidence enough for a pipeline with a merger; one that declares otherwise is not", () => {
    const steps = [{ kind: "coder" }, { kind: "license" }, { kind: "merger" }];
    const pipeline = pipelineSchema.parse({ id: "pl", name: "P", steps });
    expect(runnableSteps(pipeline, registries)).toHaveLength(3);
    const advisory = registriesWith({ gates: [{ ...license, evidence: false }], agentKinds: [kind] });
    expect(refusal(() => runnableSteps(pipeline, advisory))).toEqual({ code: "pipeline_invalid", fix: true });
  });

  it("ends a run that used up its budget with its own notification", () => {
    const run = gated("license");
    run.tell(returned(run.run, probeResult({}, [])));
    expect(run.run.phase).toMatchObject({ is: "failed", failure: { code: "license_exhausted" } });
    expect(run.outside().raised).toEqual(["license_violated"]);
  });

  it("must be green together with every other one that gives evidence, for the head that is merged", () => {
    const run = gated("ci", "license", "merger");
    run.tell(returned(run.run, probeResult()));
    run.tell(returned(run.run, probeResult({ head: sha("3") })));
    expect(currentStep(run.run).definition.kind).toBe("merger");
    run.tell(returned(run.run, probeResult({ head: sha("3") })));
    expect(run.run.steps.map(({ activity }) => activity.is)).toEqual(["effect", "pending", "pending"]);
    for (const _step of ["ci", "license", "merger"]) run.tell(returned(run.run, probeResult({ head: sha("3") })));
    expect(currentStep(run.run).activity).toMatchObject({ is: "effect", effect: { request: { do: "start-job", kind: "merger" } } });
  });

  it("that is not green withholds the merge, however green the others are", () => {
    const run = gated("ci", "license", "merger");
    run.tell(returned(run.run, probeResult()));
    run.tell(returned(run.run, probeResult({ state: "merged" })));
    run.tell(returned(run.run, probeResult()));
    expect(run.run.phase).toMatchObject({ is: "failed", failure: { code: "no_evidence" } });
  });
});
