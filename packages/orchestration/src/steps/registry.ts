import type { StepKind } from "../run/model/step-kind.js";
import { ciGate } from "./gate/gates/ci.js";
import { conflictsGate } from "./gate/gates/conflicts.js";
import type { Gate } from "./gate/gate.js";
import { companionStep } from "./companion/companion.step.js";
import { createConsensusStep } from "./consensus/consensus.step.js";
import { deployerStep } from "./deployer/deployer.step.js";
import { estimatorStep } from "./estimator/estimator.step.js";
import { createGateStep } from "./gate/gate.step.js";
import { inlineStep } from "./inline/inline.step.js";
import { jobStep } from "./job/job.step.js";
import { mergerStep } from "./merger/merger.step.js";
import { releaseHealthStep } from "./release-health/release-health.step.js";
import { reviewStep } from "./review/review.step.js";
import { testerStep } from "./tester/tester.step.js";
import { trackerStep } from "./tracker/tracker.step.js";

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
