import type { StepKind } from "../engine/step-kind.js";
import { ciGate } from "../gates/ci.gate.js";
import { conflictsGate } from "../gates/conflicts.gate.js";
import type { Gate } from "../gates/gate.js";
import { companionStep } from "./companion.step.js";
import { createConsensusStep } from "./consensus.step.js";
import { deployerStep } from "./deployer.step.js";
import { estimatorStep } from "./estimator.step.js";
import { createGateStep } from "./gate.step.js";
import { inlineStep } from "./inline.step.js";
import { jobStep } from "./job.step.js";
import { mergerStep } from "./merger.step.js";
import { releaseHealthStep } from "./release-health.step.js";
import { reviewStep } from "./review.step.js";
import { testerStep } from "./tester.step.js";
import { trackerStep } from "./tracker.step.js";

export const builtInGates: readonly Gate[] = [ciGate, conflictsGate];

/** The step kinds Millrace ships, with these gates, and a panel in front of any of them or of `more`. Add a line to add a kind. */
export function builtInStepKinds(gates: readonly Gate[], more: readonly StepKind[] = []): readonly StepKind[] {
  const kinds = [
    inlineStep,
    jobStep,
    companionStep,
    createGateStep(gates),
    mergerStep,
    testerStep,
    estimatorStep,
    deployerStep,
    trackerStep,
    releaseHealthStep,
    reviewStep,
    ...more,
  ];
  return [...kinds, createConsensusStep(kinds)];
}
