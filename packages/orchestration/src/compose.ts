import { builtInAgentKinds, createAgentKinds, type AgentKinds } from "@millrace/agents";
import type { BoardEventBody } from "@millrace/contracts";
import { checkRegistries } from "./check-registries.logic.js";
import { createCallEffects } from "./run/model/call-effect.js";
import { DEFAULT_PATIENCE } from "./run/model/decision-input.js";
import { createStepKinds, type StepKinds } from "./run/model/step-kind.js";
import { boardModule } from "./modules/board/index.js";
import type { BoardService } from "./modules/board/board-service.js";
import { notificationsModule } from "./modules/notifications/index.js";
import type { NotificationsService } from "./modules/notifications/notifications-service.js";
import { ExecutionService } from "./run/execution-service.js";
import { reviewsModule } from "./modules/reviews/index.js";
import type { ReviewsService } from "./modules/reviews/reviews-service.js";
import { checkModules, type Sweep } from "./platform/module.js";
import { builtInPipelines } from "./run/pipelines/built-in.js";
import { parsePipeline } from "./run/pipelines/shape.logic.js";
import type { OrchestrationOptions } from "./options.js";
import type { OrchestrationPorts } from "./platform/ports.js";
import { builtInGates, builtInStepKinds, effectsOf } from "./steps/registry.js";

/** An engine with its modules, wired to a host. */
export interface Orchestration {
  readonly execution: ExecutionService;
  readonly board: BoardService;
  readonly reviews: ReviewsService;
  readonly notifications: NotificationsService;
  /** Work of the modules that is done again and again: drivers run it. */
  readonly sweeps: readonly Sweep[];
  /** What happened outside the runs of a workspace, as one line for people. */
  readonly describeBoardEvent: (event: BoardEventBody) => string;
  /** The agent kinds: the built-in ones and the host's. */
  readonly kinds: AgentKinds;
  /** The step kinds: the built-in ones and the host's. */
  readonly stepKinds: StepKinds;
}

/**
 * The engine over a host's ports. No effect until a method is called; several may live in one process.
 *
 * @throws MillraceError `config_invalid` naming everything registered that does not fit together.
 */
export function composeOrchestration(ports: OrchestrationPorts, options: OrchestrationOptions = {}): Orchestration {
  const kinds = createAgentKinds([...builtInAgentKinds, ...(options.agentKinds ?? [])]);
  const gates = [...builtInGates, ...(options.gates ?? [])];
  const stepKinds = createStepKinds(builtInStepKinds(gates, options.stepKinds ?? []));
  const registries = { kinds, stepKinds };
  const effects = effectsOf(stepKinds.list(), options.effects);
  checkRegistries({ registries, gates, effects, pipelines: builtInPipelines, added: options });
  const execution = new ExecutionService(ports, registries, createCallEffects(effects), {
    patience: { ...DEFAULT_PATIENCE, ...options.patience },
    localTestInfrastructure: options.localTestInfrastructure ?? true,
  });
  const board = boardModule(ports, { builtInPipelines, readPipeline: (input) => parsePipeline(input, registries) });
  const notifications = notificationsModule(ports);
  const reviews = reviewsModule(ports, {
    readRun: (address) => execution.get(address),
    answerWait: (request) => execution.answer(request),
    reviewKinds: () => kinds.list().flatMap(({ id, step }) => (stepKinds.get(step).keepsReviews ? [id] : [])),
    keepsReviews: (state) => stepKinds.of(state).keepsReviews,
  });
  const modules = [board, notifications, reviews];
  checkModules(modules);
  return {
    execution,
    board: board.service,
    reviews: reviews.service,
    notifications: notifications.service,
    kinds,
    stepKinds,
    sweeps: modules.flatMap(({ sweeps }) => sweeps),
    describeBoardEvent: (event) => modules.map(({ events }) => events.describe(event)).find((line) => line !== null) ?? event.type,
  };
}
