import { builtInAgentKinds, createAgentKinds, type AgentKinds } from "@millrace/agents";
import { createCallEffects } from "./effects/effect.js";
import { builtInEffects } from "./effects/registry.js";
import { DEFAULT_PATIENCE } from "./engine/facts.js";
import { createStepKinds } from "./engine/step-kind.js";
import { BoardService } from "./service/board-service.js";
import { CardService } from "./service/card-service.js";
import { ExecutionService } from "./service/execution-service.js";
import { ReviewService } from "./service/review-service.js";
import type { OrchestrationOptions, OrchestrationPorts } from "./service/ports.js";
import { builtInGates, builtInStepKinds } from "./steps/registry.js";

export interface Orchestration {
  readonly execution: ExecutionService;
  readonly board: BoardService;
  readonly reviews: ReviewService;
  readonly cards: CardService;
  readonly kinds: AgentKinds;
}

/** The engine over a host's ports. No effect until a method is called; several may live in one process. */
export function composeOrchestration(ports: OrchestrationPorts, options: OrchestrationOptions = {}): Orchestration {
  const kinds = createAgentKinds([...builtInAgentKinds, ...(options.agentKinds ?? [])]);
  const stepKinds = createStepKinds(builtInStepKinds([...builtInGates, ...(options.gates ?? [])], options.stepKinds ?? []));
  const effects = createCallEffects([...builtInEffects, ...(options.effects ?? [])]);
  const execution = new ExecutionService(ports, { kinds, stepKinds }, effects, {
    patience: { ...DEFAULT_PATIENCE, ...options.patience },
    localTestInfrastructure: options.localTestInfrastructure ?? true,
  });
  return {
    execution,
    board: new BoardService(ports, kinds),
    reviews: new ReviewService(ports, kinds, execution),
    cards: new CardService(ports),
    kinds,
  };
}
