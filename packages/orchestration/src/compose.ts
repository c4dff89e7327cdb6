import { builtInAgentKinds, createAgentKinds, type AgentKinds } from "@millrace/agents";
import { createCallEffects } from "./run/model/call-effect.js";
import { DEFAULT_PATIENCE } from "./run/model/decision-input.js";
import { createStepKinds, type StepKinds } from "./run/model/step-kind.js";
import { BoardService } from "./modules/board/board-service.js";
import { NotificationService } from "./modules/notifications/notification-service.js";
import { ExecutionService } from "./run/execution-service.js";
import { ReviewService } from "./modules/reviews/review-service.js";
import type { OrchestrationOptions, OrchestrationPorts } from "./platform/ports.js";
import { builtInGates, builtInStepKinds, effectsOf } from "./steps/registry.js";

export interface Orchestration {
  readonly execution: ExecutionService;
  readonly board: BoardService;
  readonly reviews: ReviewService;
  readonly notifications: NotificationService;
  /** The agent kinds: the built-in ones and the host's. */
  readonly kinds: AgentKinds;
  /** The step kinds: the built-in ones and the host's. */
  readonly stepKinds: StepKinds;
}

/** The engine over a host's ports. No effect until a method is called; several may live in one process. */
export function composeOrchestration(ports: OrchestrationPorts, options: OrchestrationOptions = {}): Orchestration {
  const kinds = createAgentKinds([...builtInAgentKinds, ...(options.agentKinds ?? [])]);
  const stepKinds = createStepKinds(builtInStepKinds([...builtInGates, ...(options.gates ?? [])], options.stepKinds ?? []));
  const registries = { kinds, stepKinds };
  const effects = createCallEffects(effectsOf(stepKinds.list(), options.effects));
  const execution = new ExecutionService(ports, registries, effects, {
    patience: { ...DEFAULT_PATIENCE, ...options.patience },
    localTestInfrastructure: options.localTestInfrastructure ?? true,
  });
  return {
    execution,
    board: new BoardService(ports, registries),
    reviews: new ReviewService(ports, registries, execution),
    notifications: new NotificationService(ports),
    kinds,
    stepKinds,
  };
}
