import { createAgentKinds } from "@millrace/agents";
import { pipelineSchema, type PipelineInput } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { builtInRegistries } from "../../spec/defaults.js";
import { builtInPipelines } from "./built-in.js";
import { parsePipeline, runnableSteps } from "./shape.logic.js";

type Steps = PipelineInput["steps"];
const kinds = (...names: string[]): Steps => names.map((kind) => ({ kind }));
const run = (steps: Steps) => runnableSteps(pipelineSchema.parse({ id: "pl", name: "P", steps }), builtInRegistries);

const panel = (...ids: string[]): NonNullable<Steps[number]["consensus"]> => ({
  strategy: "panel",
  participants: (ids.length === 0 ? ["a", "b"] : ids).map((id) => ({ id, role: `You are ${id}.` })),
});
const gated = (gating: NonNullable<Steps[number]["gating"]>): Steps => [
  { kind: "task-estimator" },
  { kind: "coder" },
  { kind: "reviewer", gating },
];

/** The whole refusal, or "accepted". */
function refused(act: () => unknown): { readonly code: string; readonly message: string; readonly fix: string | null } | "accepted" {
  try {
    act();
    return "accepted";
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { code: error.code, message: error.message, fix: error.fix };
  }
}

describe("which pipelines can run", () => {
  it.each<[string, Steps]>([
    ["a companion directly behind its producer", kinds("coder", "reviewer")],
    ["gates between a companion and its producer", kinds("coder", "conflicts", "ci", "reviewer")],
    ["a companion's own bar", [{ kind: "coder" }, { kind: "reviewer", bar: 0.5 }]],
    ["a merger with CI anywhere before it", kinds("coder", "ci", "documenter", "merger")],
    ["a panel of inline agents", [{ kind: "researcher", consensus: panel() }]],
    ["a panel of jobs that only read", [{ kind: "architect", consensus: panel() }]],
    ["a panel that grades", [{ kind: "coder" }, { kind: "reviewer", consensus: panel() }]],
    ["a panel that estimates", [{ kind: "task-estimator", consensus: panel() }]],
    ["a companion gated by complexity", gated({ minComplexity: 0.5 })],
    ["a companion gated by risk", gated({ minRisk: 0.5 })],
    ["a companion gated by impact", gated({ minImpact: 0.5 })],
    ["a disabled helper", [{ kind: "ci-fixer", enabled: false }, { kind: "coder" }]],
  ])("%s", (_name, steps) => {
    expect(refused(() => run(steps))).toBe("accepted");
  });

  it("every pipeline Millrace ships", () => {
    expect(builtInPipelines.length).toBeGreaterThan(0);
    for (const pipeline of builtInPipelines) expect(refused(() => parsePipeline(pipeline, builtInRegistries))).toBe("accepted");
  });

  it.each<[string, Steps, string, string]>([
    ["nothing enabled", [{ kind: "coder", enabled: false }], "every step is disabled", "enable"],
    ["an unknown kind", kinds("coder", "wizard"), "step 2 (wizard)", "researcher"],
    ["a helper as a step", kinds("coder", "ci-fixer"), "step 2 (ci-fixer)", "remove it"],
    ["a bar on a step that grades nothing", [{ kind: "coder", bar: 0.5 }], "step 1 (coder)", "remove the bar"],
    [
      "a companion without its producer",
      kinds("coder", "documenter", "reviewer"),
      "step 3 (reviewer) must follow coder",
      "directly behind",
    ],
    ["a companion that is first", kinds("reviewer", "coder"), "step 1 (reviewer)", "directly behind"],
    ["a companion behind gates only", kinds("ci", "reviewer"), "step 2 (reviewer)", "directly behind"],
    [
      "a companion behind its disabled producer",
      [{ kind: "coder", enabled: false }, { kind: "reviewer" }],
      "step 2 (reviewer)",
      "directly behind",
    ],
    ["a panel that writes code", [{ kind: "coder", consensus: panel() }], "step 1 (coder)", "remove consensus"],
    ["a panel that maps a service", [{ kind: "blueprints", consensus: panel() }], "step 1 (blueprints)", "remove consensus"],
    ["a panel where no agent is asked", [{ kind: "deployer", consensus: panel() }], "asks no agent", "remove consensus"],
    [
      "a panel of reviewers",
      [{ kind: "requirements-review", consensus: panel() }],
      "'review' steps judge the answer of one",
      "remove consensus",
    ],
    [
      "a panel of two that are called alike",
      [{ kind: "researcher", consensus: panel("a", "b", "a") }],
      "participants 'a'",
      "an id of its own",
    ],
    [
      "gating of a step that is no companion",
      [{ kind: "coder", gating: { minRisk: 0.5 } }],
      "step 1 (coder) is gated",
      "remove its gating",
    ],
    ["gating by no axis", gated({}), "step 3 (reviewer) is gated by no axis", "minComplexity"],
    ["gating by an estimate that no step makes", gated({ minRisk: 0.5 }).slice(1), "step 2 (reviewer) is gated", "task-estimator"],
    [
      "gating by an estimate that is made later",
      [...gated({ minRisk: 0.5 }).slice(1), { kind: "task-estimator" }],
      "step 2 (reviewer) is gated by an estimate that no step makes",
      "task-estimator",
    ],
    [
      "an approval that a low estimate would cancel",
      gated({ minRisk: 0.5 }).map((step) => (step.kind === "reviewer" ? { ...step, approval: { approvers: 1 } } : step)),
      "step 3 (reviewer) has approval and gating",
      "remove its gating",
    ],
    ["instructions for nobody", [{ kind: "tracker", instructions: "be brief" }], "asks no agent", "remove its instructions"],
    [
      "two approvers of findings",
      [{ kind: "requirements-review", approval: { approvers: 2 } }],
      "one person answers its findings",
      "behind it",
    ],
    [
      "a panel gated by no axis",
      [{ kind: "task-estimator" }, { kind: "researcher", consensus: { ...panel(), gating: {} } }],
      "the panel of step 2 (researcher) is gated by no axis",
      "minComplexity",
    ],
    [
      "a panel gated by an estimate that no step makes",
      [{ kind: "researcher", consensus: { ...panel(), gating: { minRisk: 0.5 } } }],
      "the panel of step 1 (researcher) is gated by an estimate",
      "task-estimator",
    ],
    ["a merger without CI", kinds("coder", "conflicts", "merger"), "step 3 (merger)", "put a 'ci' step before it"],
    ["a merger with CI only after it", kinds("coder", "merger", "ci"), "step 2 (merger)", "put a 'ci' step before it"],
  ])("not %s: refused with the step and the fix", (_name, steps, message, fix) => {
    expect(refused(() => run(steps))).toEqual({
      code: "pipeline_invalid",
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
  });

  it("not a panel whose answer an effect takes up", () => {
    const researcher = builtInRegistries.kinds.get("researcher");
    if (researcher === null) throw new Error("no researcher");
    const own = createAgentKinds([{ ...researcher, id: "mapper", ingest: "ingest-map" }]);
    const pipeline = pipelineSchema.parse({ id: "pl", name: "P", steps: [{ kind: "mapper", consensus: panel() }] });
    expect(refused(() => runnableSteps(pipeline, { ...builtInRegistries, kinds: own }))).toMatchObject({
      code: "pipeline_invalid",
      fix: "remove consensus",
    });
  });

  it("the fix for an unknown kind names no helper: those are never steps", () => {
    const unknown = refused(() => run(kinds("wizard")));
    expect(unknown === "accepted" ? null : unknown.fix).not.toContain("ci-fixer");
  });

  it("the definitions of a run are the enabled steps, in order, without the switch", () => {
    const steps = run([{ kind: "coder", instructions: "short" }, { kind: "documenter", enabled: false }, { kind: "ci" }]);
    expect(steps).toEqual([
      { kind: "coder", approval: null, bar: null, instructions: "short", gating: null, consensus: null },
      { kind: "ci", approval: null, bar: null, instructions: null, gating: null, consensus: null },
    ]);
  });
});

describe("options that stand together", () => {
  const options = {
    approval: { approvers: 1 },
    bar: 0.5,
    instructions: "be brief",
    gating: { minRisk: 0.5 },
    consensus: panel(),
  } as const satisfies Omit<Steps[number], "kind">;
  const names = ["approval", "bar", "instructions", "gating", "consensus"] as const;
  const pairs = names.flatMap((one, at) => names.slice(at + 1).map((other) => [one, other] as const));

  it.each(pairs)("F:A9 %s and %s: refused only where an estimate would cancel a question to people", (one, other) => {
    const reviewer = { kind: "reviewer", [one]: options[one], [other]: options[other] };
    const outcome = refused(() => run([{ kind: "task-estimator" }, { kind: "coder" }, reviewer]));
    const isRefused = one === "approval" && other === "gating";
    expect(outcome === "accepted" ? outcome : outcome.code).toBe(isRefused ? "pipeline_invalid" : "accepted");
  });
});

describe("reading a pipeline that a person wrote", () => {
  it("gives it back with every default filled in", () => {
    expect(parsePipeline({ id: "pl", name: " P ", steps: kinds("coder") }, builtInRegistries)).toEqual(
      pipelineSchema.parse({ id: "pl", name: "P", steps: kinds("coder") }),
    );
  });

  it("names the places that are wrong, at most five, and what a pipeline has", () => {
    const steps = Array.from({ length: 7 }, () => ({ kind: "Not A Kind" }));
    const many = refused(() => parsePipeline({ id: "pl", name: "P", steps }, builtInRegistries));
    expect(many).toMatchObject({
      code: "pipeline_invalid",
      message: expect.stringContaining("steps.4.kind: "),
      fix: expect.stringContaining("an id"),
    });
    expect(many === "accepted" ? "" : many.message).not.toContain("steps.5");
    expect(refused(() => parsePipeline("coder", builtInRegistries))).toMatchObject({ message: expect.stringContaining("pipeline: ") });
  });

  it("refuses one that is well formed and cannot run", () => {
    expect(refused(() => parsePipeline({ id: "pl", name: "P", steps: kinds("merger") }, builtInRegistries))).toMatchObject({
      code: "pipeline_invalid",
    });
  });
});
