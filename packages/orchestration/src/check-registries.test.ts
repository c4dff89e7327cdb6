import { defineAgentKind } from "@millrace/agents";
import { isMillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkRegistries, registryProblems, type Registered } from "./check-registries.logic.js";
import type { OrchestrationOptions } from "./options.js";
import { defineEffect } from "./run/model/call-effect.js";
import { defineStepKind, type DefinedStepKind, type StepKind } from "./run/model/step-kind.js";
import { builtInPipelines } from "./run/pipelines/built-in.js";
import type { Gate } from "./steps/gate/gate.js";
import { builtInGates, createRegistries, effectsOf } from "./steps/registry.js";

/** The registries as `composeOrchestration` makes them. */
function registered(added: Registered["added"]): Registered {
  const gates = [...builtInGates, ...(added.gates ?? [])];
  const registries = createRegistries(added);
  const effects = effectsOf(registries.stepKinds.list(), added.effects);
  return { registries, gates, effects, pipelines: builtInPipelines, added };
}

const problemsOf = (added: OrchestrationOptions): readonly (readonly [problem: string, where: string])[] =>
  registryProblems(registered(added)).map(({ problem, where }) => [problem, where]);

const kind = (id: string, more: Partial<Parameters<typeof defineAgentKind>[0]> = {}) =>
  defineAgentKind({ id, step: "inline", intent: "", role: "", ...more });

const gate = (name: string, helper: string): Gate => ({
  name,
  helper,
  budget: () => 1,
  readsChecks: true,
  ownsConflicts: false,
  judge: () => ({ says: "green", because: "always" }),
  briefs: () => [],
});

function stepKind(name: string, declared: Partial<StepKind> = {}): DefinedStepKind {
  return defineStepKind({
    name,
    state: z.looseObject({ kind: z.string() }),
    fact: z.looseObject({ is: z.string() }),
    initial: () => ({ kind: name }),
    fold: (state) => state,
    enter: () => ({ to: "finish" }),
    onResult: () => ({ to: "again" }),
    answered: () => ({ to: "finish" }),
    ...declared,
  });
}
const effect = (name: string) => defineEffect({ name, input: z.null(), perform: () => Promise.resolve({ value: null }) });

describe("what Millrace ships", () => {
  it("fits together", () => {
    expect(problemsOf({})).toEqual([]);
  });

  it("may be replaced by name: an agent kind, a gate, a step kind and an effect of a host's own", () => {
    expect(
      problemsOf({
        agentKinds: [kind("researcher")],
        gates: [gate("ci", "ci-fixer")],
        stepKinds: [stepKind("deployer")],
        effects: [effect("file-issue")],
      }),
    ).toEqual([]);
  });
});

describe("agent kinds that a step kind or a gate brings along", () => {
  const added = {
    stepKinds: [stepKind("audit", { agentKinds: [kind("auditor", { step: "audit" })] })],
    gates: [
      { ...gate("licences", "licence-fixer"), agentKinds: [kind("licences", { step: "gate" }), kind("licence-fixer", { helper: true })] },
    ],
  };

  it("are registered with it", () => {
    expect(problemsOf(added)).toEqual([]);
    const { kinds } = createRegistries(added);
    expect(["auditor", "licences", "licence-fixer"].map((id) => kinds.get(id)?.step)).toEqual(["audit", "gate", "inline"]);
  });

  it("give way to a host's own of the same name", () => {
    const own = { ...added, agentKinds: [kind("auditor", { step: "audit", intent: "its own" })] };
    expect(problemsOf(own)).toEqual([]);
    expect(createRegistries(own).kinds.get("auditor")?.intent).toBe("its own");
  });
});

describe("a registration that does not fit is refused when the engine is composed", () => {
  it.each<[string, OrchestrationOptions, readonly (readonly [string, string])[]]>([
    [
      "an agent kind whose step kind is not there",
      { agentKinds: [kind("auditor", { step: "audit" })] },
      [["unknown-step-kind", "agent kind 'auditor'"]],
    ],
    [
      "an agent kind of a gate that is not there",
      { agentKinds: [kind("license", { step: "gate" })] },
      [["unknown-gate", "agent kind 'license'"]],
    ],
    ["a gate that no agent kind names", { gates: [gate("license", "ci-fixer")] }, [["gate-without-kind", "gate 'license'"]]],
    [
      "a gate whose helper is not there",
      { gates: [gate("license", "lawyer")], agentKinds: [kind("license", { step: "gate" })] },
      [["unknown-helper", "agent kind 'license'"]],
    ],
    [
      "a gate whose helper is a step of its own",
      { gates: [gate("license", "coder")], agentKinds: [kind("license", { step: "gate" })] },
      [["not-a-helper", "agent kind 'license'"]],
    ],
    [
      "a review that no kind reworks",
      { agentKinds: [kind("security-review", { step: "review" })] },
      [["no-rework", "agent kind 'security-review'"]],
    ],
    [
      "a review whose rework is not there",
      { agentKinds: [kind("security-review", { step: "review", rework: "security-rework" })] },
      [["unknown-rework", "agent kind 'security-review'"]],
    ],
    [
      "a review whose rework is a step of its own",
      { agentKinds: [kind("security-review", { step: "review", rework: "researcher" })] },
      [["not-a-helper", "agent kind 'security-review'"]],
    ],
    [
      "an effect that takes up an answer and is not there",
      { agentKinds: [kind("mapper", { step: "job", ingest: "ingest-map" })] },
      [["unknown-effect", "agent kind 'mapper'"]],
    ],
    [
      "an effect that a step kind calls and that is not there",
      { stepKinds: [stepKind("audit", { calls: ["read-audit"] })] },
      [["unknown-effect", "step kind 'audit'"]],
    ],
    [
      "a companion of a kind that is not there",
      { agentKinds: [kind("auditor", { step: "companion", companionOf: ["writer"] })] },
      [["unknown-companion-target", "agent kind 'auditor'"]],
    ],
    ["no step kind for panels", { stepKinds: [stepKind("consensus")] }, [["not-one-panel", "step kinds"]]],
    [
      "two step kinds for panels",
      { stepKinds: [stepKind("jury", { isPanel: true })] },
      [["not-one-panel", "step kinds 'consensus', 'jury'"]],
    ],
    [
      "the same name twice",
      {
        agentKinds: [kind("auditor"), kind("auditor")],
        gates: [gate("ci", "ci-fixer"), gate("ci", "ci-fixer")],
        stepKinds: [stepKind("audit"), stepKind("audit")],
        effects: [effect("read-audit"), effect("read-audit")],
      },
      [
        ["duplicate", "agent kind 'auditor'"],
        ["duplicate", "gate 'ci'"],
        ["duplicate", "step kind 'audit'"],
        ["duplicate", "effect 'read-audit'"],
      ],
    ],
    [
      "different effects of one name from two step kinds",
      { stepKinds: [stepKind("audit", { effects: [effect("provision")] })] },
      [["duplicate", "effect 'provision'"]],
    ],
    [
      "different agent kinds of one name from two step kinds",
      { stepKinds: [stepKind("audit", { agentKinds: [kind("auditor")] }), stepKind("scan", { agentKinds: [kind("auditor")] })] },
      [["duplicate", "agent kind 'auditor'"]],
    ],
    [
      "a wait that is the engine's, badly named, or accepts nothing",
      {
        stepKinds: [
          stepKind("audit", {
            waits: {
              approval: { notification: "approval_required", answers: ["approve"] },
              "Sign Off": { notification: "Sign Off", answers: ["approve"] },
              quiet: { notification: "quiet", answers: [] },
            },
          }),
        ],
      },
      [
        ["reserved-wait", "step kind 'audit'"],
        ["invalid-wait", "step kind 'audit'"],
        ["invalid-notification", "step kind 'audit'"],
        ["unanswerable-wait", "step kind 'audit'"],
      ],
    ],
    [
      "a notification of a gate that is badly named",
      { gates: [{ ...gate("license", "ci-fixer"), endNotification: "License Violated" }], agentKinds: [kind("license", { step: "gate" })] },
      [["invalid-notification", "step kind 'gate'"]],
    ],
    [
      "a name that no run can hold",
      { agentKinds: [kind("The Auditor")], stepKinds: [stepKind("a".repeat(61))] },
      [
        ["invalid-name", "agent kind 'The Auditor'"],
        ["invalid-name", `step kind '${"a".repeat(61)}'`],
      ],
    ],
    [
      "kinds with which a built-in pipeline cannot run",
      { agentKinds: [kind("architect-companion", { step: "companion", companionOf: ["researcher"] })] },
      [["pipeline-cannot-run", "built-in pipeline 'pl_fullstack'"]],
    ],
  ])("%s", (_name, added, problems) => {
    expect(problemsOf(added)).toEqual(problems);
  });

  it("in one error with all of them, each with its place and its fix", () => {
    const added = {
      agentKinds: [kind("auditor", { step: "audit" }), kind("mapper", { step: "job", ingest: "ingest-map" })],
      gates: [gate("license", "ci-fixer")],
    };
    const refused = thrown(() => checkRegistries(registered(added)));
    expect(refused.code).toBe("config_invalid");
    expect(refused.fix).not.toBeNull();
    expect(refused.details["problems"]).toEqual([
      {
        problem: "unknown-step-kind",
        where: "agent kind 'auditor'",
        what: "its step kind 'audit' is not registered",
        fix: expect.stringContaining("composeOrchestration({ stepKinds })") as string,
      },
      {
        problem: "unknown-effect",
        where: "agent kind 'mapper'",
        what: "calls the effect 'ingest-map', which is not registered",
        fix: expect.stringContaining("composeOrchestration({ effects })") as string,
      },
      {
        problem: "gate-without-kind",
        where: "gate 'license'",
        what: "no agent kind puts it into a pipeline",
        fix: expect.stringContaining("composeOrchestration({ agentKinds })") as string,
      },
    ]);
    for (const name of ["auditor", "mapper", "license"]) expect(refused.message).toContain(`'${name}'`);
  });
});

function thrown(act: () => void) {
  try {
    act();
  } catch (error) {
    if (isMillraceError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
