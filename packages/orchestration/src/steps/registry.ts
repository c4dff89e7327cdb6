import { builtInAgentKinds, createAgentKinds, type AgentKind } from "@millrace/agents";
import type { CallEffect } from "../run/model/call-effect.js";
import type { Registries } from "../run/model/evolve.logic.js";
import { createStepKinds, type DefinedStepKind } from "../run/model/step-kind.js";
import { companionStep } from "./companion/index.js";
import { createConsensusStep } from "./consensus/index.js";
import { deployerStep } from "./deployer/index.js";
import { estimatorStep } from "./estimator/index.js";
import type { Gate } from "./gate/gate.js";
import { ciGate } from "./gate/gates/ci.js";
import { conflictsGate } from "./gate/gates/conflicts.js";
import { createGateStep } from "./gate/index.js";
import { inlineStep } from "./inline/index.js";
import { jobStep } from "./job/index.js";
import { createMergerStep } from "./merger/index.js";
import { releaseHealthStep } from "./release-health/index.js";
import { reviewStep } from "./review/index.js";
import { testerStep } from "./tester/index.js";
import { trackerStep } from "./tracker/index.js";

/** The gates Millrace ships. One line per gate. */
export const builtInGates: readonly Gate[] = [ciGate, conflictsGate];

/**
 * The step kinds Millrace ships, with these gates, and the panel that may stand in front of any of them. `more` are added; one of the
 * same name replaces a built-in one. One line per kind.
 */
function builtInStepKinds(gates: readonly Gate[], more: readonly DefinedStepKind[]): readonly DefinedStepKind[] {
  const kinds = [
    inlineStep,
    jobStep,
    companionStep,
    createGateStep(gates),
    createMergerStep(gates),
    testerStep,
    estimatorStep,
    deployerStep,
    trackerStep,
    releaseHealthStep,
    reviewStep,
  ];
  return [...kinds, createConsensusStep([...kinds, ...more]), ...more];
}

/** Registrations of a host, beside the built-in ones. */
export interface Registrations {
  /** Agent kinds beside the built-in ones; one of the same id replaces it. */
  readonly agentKinds?: readonly AgentKind[];
  /** Gates beside the built-in ones; one of the same name replaces it. */
  readonly gates?: readonly Gate[];
  /** Step kinds beside the built-in ones, made with `defineStepKind`; one of the same name replaces it. */
  readonly stepKinds?: readonly DefinedStepKind[];
}

/** The step kinds and agent kinds of an engine: the built-in ones, what step kinds and gates bring along, and `more`. */
export function createRegistries({ agentKinds = [], gates = [], stepKinds: more = [] }: Registrations = {}): Registries {
  const stepKinds = createStepKinds(builtInStepKinds([...builtInGates, ...gates], more));
  const brought = stepKinds.list().flatMap((kind) => kind.agentKinds);
  return { kinds: createAgentKinds([...builtInAgentKinds, ...brought, ...agentKinds]), stepKinds };
}

/** The call effects that step kinds bring along, then `more`; a later one replaces an earlier one of the same name. */
export function effectsOf(kinds: readonly DefinedStepKind[], more: readonly CallEffect[] = []): readonly CallEffect[] {
  return [...kinds.flatMap(({ effects }) => effects), ...more];
}
