/** Start of a simulation: ports without faults, and a board with a few tasks on one repository. */
import { checkPolicySchema, type Block, type MergePreset, type Pipeline, type WorkspaceSettings } from "@millrace/contracts";
import { MillraceError, type AgentExecutor, type OutsideServices } from "@millrace/kernel";
import {
  composeOrchestration,
  emptyBlock,
  outsideServicesOff,
  trustEveryPerson,
  type OrchestrationOptions,
  type OrchestrationPorts,
} from "@millrace/orchestration";
import {
  keepPipeline,
  silentLog,
  testUser,
  createCountingIds,
  sleepUntilAborted,
  type VirtualClock,
  createMemoryStore,
} from "@millrace/testing";
import type { Random } from "./random.logic.js";
import { drawSettings, WITHOUT_LIMITS } from "./settings.logic.js";
import type { Environment } from "./environment.js";

/** A task and the pipeline that it is started with. */
export interface Task {
  readonly block: Block;
  readonly pipeline: Pipeline;
}

export interface SimulatedBoard {
  readonly workspaceId: string;
  readonly serviceId: string;
  /** A module of the service, empty at first. */
  readonly moduleId: string;
  readonly preset: MergePreset;
  readonly settings: WorkspaceSettings;
  readonly tasks: readonly Task[];
  /** Moves a task to another parent. */
  move(blockId: string, parentId: string): Promise<unknown>;
}

export function truePorts(
  environment: Environment,
  services: Partial<OutsideServices>,
  agents: AgentExecutor,
  clock: VirtualClock,
): OrchestrationPorts {
  const { forge } = environment;
  const { store, wakeups } = createMemoryStore({ clock });
  return {
    ...outsideServicesOff,
    ...services,
    store,
    wakeups,
    persons: trustEveryPerson,
    agents,
    forges: {
      get(name) {
        if (name !== forge.name) throw new MillraceError("unavailable", `no forge '${name}' here`);
        return forge;
      },
    },
    clock,
    sleep: sleepUntilAborted,
    ids: createCountingIds(),
    log: silentLog,
  };
}

export interface BoardOptions {
  readonly ports: OrchestrationPorts;
  readonly engine: OrchestrationOptions;
  readonly environment: Environment;
  readonly random: Random;
  readonly pipelines: readonly Pipeline[];
  /** Number of tasks in a world where dozens share a repository; nothing but the repository is short there. Null: one to three. */
  readonly crowd: number | null;
}

/** A workspace with random settings, one service with an empty module, and the tasks. */
export async function createBoard({ ports, engine, environment, random, pipelines, crowd }: BoardOptions): Promise<SimulatedBoard> {
  const orchestration = composeOrchestration(ports, engine);
  const { workspaces, board } = orchestration;
  const actor = testUser;
  const { id: workspaceId } = await workspaces.create({ name: "simulated", actor });
  const settings = await orchestration.settings.put({ workspaceId, input: crowd === null ? drawSettings(random) : WITHOUT_LIMITS, actor });
  const checks = checkPolicySchema.parse({});
  const service = await board.addService({ workspaceId, title: "sample", repository: environment.repository, checks, actor });
  const module = emptyBlock({ id: "blk_module", workspaceId, level: "module", parentId: service.id, title: "a module", createdAt: 0 });
  await ports.store.commit([{ change: "insert-block", block: module }]);
  const tasks: Task[] = [];
  const count = crowd ?? 1 + random.below(3);
  for (let number = 1; number <= count; number += 1) {
    // As it was kept earlier: when the host had other services, and under the id of a built-in one.
    const pipeline = await keepPipeline(ports.store, orchestration, { workspaceId, input: random.pick(pipelines) });
    const block = await board.addTask({
      workspaceId,
      parentId: service.id,
      input: { title: `task ${number}`, taskType: random.pick(["feature", "bug"]) },
      actor,
    });
    environment.blocks.push(block.id);
    tasks.push({ block, pipeline });
  }
  const preset = await ports.store.presets.getDefault(workspaceId);
  if (preset === null) throw new MillraceError("internal", "a new workspace has no merge preset");
  return {
    workspaceId,
    serviceId: service.id,
    moduleId: module.id,
    preset,
    settings,
    tasks,
    move: (id, parentId) => ports.store.commit([{ change: "move-block", workspaceId, id, parentId }]),
  };
}
