import { describe, expect, it } from "vitest";
import { stepDefinition } from "../spec/defaults.js";
import { redGate, reviewer } from "../run/read/run.fixture.js";
import type { DefinedStepKind } from "../run/model/step-kind.js";
import { createRegistries, effectsOf } from "./registry.js";

/** What a kind declares that is not the default. */
const declared = (kind: DefinedStepKind): readonly string[] => {
  const { asks, needsRepository, needsTestInfrastructure, makesEnvironment, mayBePanelled, isPanel, isTransparent } = kind;
  const { asksByFindings, estimates, needsEvidence, landsChange, keepsReviews } = kind;
  const flags = { needsRepository, needsTestInfrastructure, makesEnvironment, mayBePanelled, isPanel, isTransparent };
  const more = { asksByFindings, estimates, needsEvidence, landsChange, keepsReviews };
  return [asks ?? "asks no agent", ...Object.entries({ ...flags, ...more }).flatMap(([name, is]) => (is ? [name] : []))];
};

describe("the step kinds Millrace ships", () => {
  it("declare what they ask for, what they need, and what they stand for", () => {
    const kinds = createRegistries().stepKinds.list();
    expect(Object.fromEntries(kinds.map((kind) => [kind.name, declared(kind)]))).toEqual({
      inline: ["ask-agent", "mayBePanelled"],
      job: ["start-job", "mayBePanelled"],
      companion: ["ask-agent", "mayBePanelled"],
      gate: ["asks no agent", "needsRepository", "isTransparent"],
      merger: ["start-job", "needsRepository", "needsEvidence", "landsChange"],
      tester: ["start-job", "needsTestInfrastructure"],
      estimator: ["ask-agent", "mayBePanelled", "estimates"],
      deployer: ["asks no agent", "makesEnvironment"],
      tracker: ["asks no agent"],
      "release-health": ["asks no agent"],
      review: ["ask-agent", "asksByFindings", "keepsReviews"],
      consensus: ["asks no agent", "isPanel"],
    });
  });

  it("bring their effects, and no other is there unless it is added", () => {
    expect(effectsOf(createRegistries().stepKinds.list()).map(({ name }) => name)).toEqual([
      "ingest-blueprint",
      "ingest-specification",
      "assign-module",
      "take-place",
      "provision",
      "file-issue",
      "probe-release",
      "gather-evidence",
      "enrich-incident",
      "read-review",
      "collect-answers",
    ]);
    expect(effectsOf([])).toEqual([]);
  });

  it("a panel dispatches the agents, and shows the state, of the kind it stands in front of", () => {
    const { kinds, stepKinds } = createRegistries();
    const panel = stepKinds.get("consensus");
    const [tester, gate] = ["tester", "ci"].map((id) => kinds.get(id));
    if (tester == null || gate == null) throw new Error("built-in kinds are missing");
    expect(panel.dispatches(stepDefinition("tester"), tester)).toEqual(["tester", "fixer"]);
    expect(panel.dispatches(stepDefinition("tester"), { ...tester, step: "gone" })).toEqual(["tester"]);
    const state = { kind: "consensus", inner: reviewer().state, panel: null };
    expect(panel.view(state)).toEqual(stepKinds.get("companion").view(reviewer().state));
    expect(stepKinds.get("gate").view(redGate().state)).toMatchObject({ loop: { agent: "ci-fixer", used: 1, allowed: 2 } });
  });
});
