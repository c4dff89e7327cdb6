import type { AgentKind } from "@millrace/agents";
import type { CallEffect } from "./run/model/call-effect.js";
import type { DefinedStepKind } from "./run/model/step-kind.js";
import type { EngineSettings } from "./run/turn/engine.js";
import type { Gate } from "./steps/gate/gate.js";

/** What a host may change about the engine. */
export interface OrchestrationOptions {
  /** Agent kinds beside the built-in ones; one of the same id replaces it. */
  readonly agentKinds?: readonly AgentKind[];
  /** Gates beside the built-in ones; one of the same name replaces it. */
  readonly gates?: readonly Gate[];
  /** Call effects beside those that step kinds bring along; one of the same name replaces it. */
  readonly effects?: readonly CallEffect[];
  /** Step kinds beside the built-in ones, made with `defineStepKind`; one of the same name replaces it. */
  readonly stepKinds?: readonly DefinedStepKind[];
  readonly patience?: Partial<EngineSettings["patience"]>;
  /** Whether jobs can bring up a service's own infrastructure for its tests (a container engine beside them). Default: true. */
  readonly localTestInfrastructure?: boolean;
}
