import type { AgentKinds } from "@millrace/agents";
import type { Actor, BoardEventBody, Fragment } from "@millrace/contracts";
import { checkRegistries } from "./check-registries.logic.js";
import { createCallEffects } from "./run/model/call-effect.js";
import { DEFAULT_PATIENCE } from "./run/model/decision-input.js";
import type { StepKinds } from "./run/model/step-kind.js";
import { fragmentsModule } from "./modules/fragments/index.js";
import { fragmentPool } from "./run/pipelines/fragment-pool.js";
import { readFragments } from "./run/turn/read-fragments.js";
import { modelsModule } from "./modules/models/index.js";
import { createJudge } from "./run/commands/judge-model.js";
import { pipelinesModule } from "./modules/pipelines/index.js";
import { boardModule } from "./modules/board/index.js";
import { presetsModule } from "./modules/merge-presets/index.js";
import { notificationsModule } from "./modules/notifications/index.js";
import { provePerson, type ByPerson, type DeedOf } from "./run/commands/prove-person.js";
import { ExecutionService } from "./run/execution-service.js";
import { RunReadService } from "./run/read/run-read-service.js";
import type { RunHandlerServices } from "./run/operations.js";
import { retentionModule } from "./modules/retention/index.js";
import { reviewsModule } from "./modules/reviews/index.js";
import { boundEffects, boundPorts, DEFAULT_CEILINGS } from "./platform/bounded-ports.js";
import { redactedPorts } from "./platform/redacted-ports.js";
import { operationHandlers } from "./operations.js";
import { HostService } from "./modules/host/host-service.js";
import { SweepJournal } from "./platform/sweep-journal.js";
import { ModuleList, type Sweep } from "./platform/module.js";
import { createDoor, type Call } from "./platform/operations/door.js";
import { pipelineInForce } from "./run/pipelines/in-force.js";
import { servedPipelines, type ServedPipelines } from "./run/pipelines/served.js";
import { taskRunSummary } from "./run/read/task-run-summary.logic.js";
import type { Registries } from "./run/model/evolve.logic.js";
import type { OrchestrationOptions } from "./options.js";
import type { OrchestrationPorts } from "./platform/ports.js";
import { builtInGates, createRegistries, effectsOf } from "./steps/registry.js";

/** The operations of the platform, and the engine and services behind them. */
export interface Orchestration extends ModuleServices {
  /**
   * Calls an operation by its name, as that caller. It is the one way in for everybody who is not the host itself: what the caller may do,
   * the shape of the input and revisions are checked here. The services beside it trust their caller.
   */
  readonly call: Call;
  readonly execution: ExecutionService;
  /** The host itself: whether it works, and what an operator may do about it. */
  readonly host: HostService;
  /** Reads of runs: the view, the events, the outputs, the evidence. */
  readonly runs: RunReadService;
  /** Work of the modules that is done again and again: drivers run it. */
  readonly sweeps: readonly Sweep[];
  /** What happened outside the runs of a workspace, as one line for people. */
  readonly describeBoardEvent: (event: BoardEventBody) => string;
  /**
   * Asks for proof of a deed that the host does by itself, outside the store: a change of its own configuration. Refusals are told.
   * @throws MillraceError `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  readonly provePerson: (by: ByPerson, of: DeedOf) => Promise<Actor>;
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
export function composeOrchestration(unbounded: OrchestrationPorts, options: OrchestrationOptions = {}): Orchestration {
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const ceilings = { ...DEFAULT_CEILINGS, agentCallMs: patience.jobMs, ...options.ceilings };
  const ports = boundPorts(redactedPorts(unbounded), ceilings);
  const registries = createRegistries(options);
  const { kinds, stepKinds } = registries;
  const gates = [...builtInGates, ...(options.gates ?? [])];
  const effects = boundEffects(effectsOf(stepKinds.list(), options.effects), ports.sleep, ceilings);
  const served = servedPipelines(options.pipelines);
  const pool = fragmentPool(options.fragments);
  const pipelines = [...served.values()].map(({ pipeline }) => pipeline);
  checkRegistries({ registries, gates, effects, pipelines, added: options });
  const execution = new ExecutionService(ports, registries, createCallEffects(effects), {
    patience,
    localTestInfrastructure: options.localTestInfrastructure ?? true,
    served,
    pool,
  });
  const modules = new ModuleList();
  const services = addModules(modules, ports, { execution, served, pool, ...registries });
  modules.check();
  const journal = new SweepJournal(ports.clock, modules.sweeps);
  const host = new HostService(ports, { journal, endUnreadable: (address) => execution.endUnreadable(address) });
  const runs = new RunReadService(ports, stepKinds, {
    readRun: (address) => execution.get(address),
    reviewOf: (address) => services.reviews.ofRun(address),
  });
  const deliversNothing: RunHandlerServices["deliversNothing"] = async (workspaceId, id) =>
    (await pipelineInForce(ports.store, served, workspaceId, id))?.steps.every(
      ({ kind }) => kinds.get(kind)?.contract.delivers === "nothing",
    ) ?? true;
  return {
    ...services,
    call: createDoor(ports, operationHandlers({ ...services, host, execution, runs, stepKinds, deliversNothing })),
    runs,
    host,
    execution,
    kinds,
    stepKinds,
    sweeps: journal.sweeps,
    provePerson: (by, of) => provePerson(ports, by, of),
    describeBoardEvent: (event) => modules.describe(event),
  };
}

/** What the modules are given of the engine. */
interface EngineParts extends Registries {
  readonly execution: ExecutionService;
  readonly served: ServedPipelines;
  readonly pool: readonly Fragment[];
}

/** Services of the modules, by the name of their folder. */
export type ModuleServices = Readonly<ReturnType<typeof addModules>>;

/** Every module, each with what it needs of the engine and of others. One line per module. */
function addModules(modules: ModuleList, ports: OrchestrationPorts, engine: EngineParts) {
  const { execution, kinds, stepKinds, served, pool } = engine;
  const models = modules.add(modelsModule(ports, createJudge(ports, { kinds, stepKinds })));
  const fragments = modules.add(
    fragmentsModule(ports, { pool, read: (workspace, ids) => readFragments(ports.store, pool, workspace, ids) }),
  );
  return {
    board: modules.add(
      boardModule(ports, {
        pipeline: (workspaceId, id) => pipelineInForce(ports.store, served, workspaceId, id),
        modelIsKnown: async (_workspaceId, model) => models.isKnown(model),
        unknownFragments: (workspaceId, ids) => fragments.unknown(workspaceId, ids),
        defaultFragments: (workspaceId) => fragments.forNewService(workspaceId),
        summarize: (found, now) => taskRunSummary(found, stepKinds, now),
      }),
    ),
    models,
    fragments,
    pipelines: modules.add(
      pipelinesModule(ports, {
        registries: { kinds, stepKinds },
        served,
        off: (["environments", "tracker", "releases"] as const).filter((service) => !ports[service].isOn),
      }),
    ),
    presets: modules.add(presetsModule(ports)),
    notifications: modules.add(notificationsModule(ports)),
    retention: modules.add(retentionModule(ports)),
    reviews: modules.add(
      reviewsModule(ports, {
        readRun: (address) => execution.get(address),
        answerWait: (request) => execution.answer(request),
        reviewKinds: () => kinds.list().flatMap(({ id, step }) => (stepKinds.get(step).keepsReviews ? [id] : [])),
        keepsReviews: (state) => stepKinds.of(state).keepsReviews,
      }),
    ),
  };
}
