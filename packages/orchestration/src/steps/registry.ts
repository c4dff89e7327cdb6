import type { StepKind } from "../run/model/step-kind.js";
import { ciGate } from "./gate/gates/ci.js";
import { conflictsGate } from "./gate/gates/conflicts.js";
import type { Gate } from "./gate/gate.js";
import { companionStep } from "./companion/index.js";
import { createConsensusStep } from "./consensus/index.js";
import { deployerStep } from "./deployer/index.js";
import { estimatorStep } from "./estimator/index.js";
import { createGateStep } from "./gate/index.js";
import { inlineStep } from "./inline/index.js";
import { jobStep } from "./job/index.js";
import { mergerStep } from "./merger/index.js";
import { releaseHealthStep } from "./release-health/index.js";
import { reviewStep } from "./review/index.js";
import { testerStep } from "./tester/index.js";
import { trackerStep } from "./tracker/index.js";

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
