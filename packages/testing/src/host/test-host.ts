import {
  composeOrchestration,
  currentStep,
  openWait,
  type Orchestration,
  type OrchestrationOptions,
  type OrchestrationPorts,
  outsideServicesOff,
  trustEveryPerson,
} from "@millrace/orchestration";
import {
  type addTaskSchema,
  checkPolicySchema,
  type Actor,
  type Block,
  type CheckPolicy,
  type Pipeline,
  type PipelineInput,
  type RepositoryRef,
  type Run,
  type ServiceTesting,
  type Workspace,
  type workspaceSettingsSchema,
  type HumanReply,
} from "@millrace/contracts";
import { testUser } from "@millrace/orchestration/spec";
import type { z } from "zod";
import {
  createRedact,
  MillraceError,
  type Forge,
  type Log,
  type Mailer,
  type NotificationChannel,
  type OutsideServices,
  type PersonCheck,
  type Sleep,
  type Store,
  type WakeUps,
} from "@millrace/kernel";
import { createScriptedAgents, type ScriptedAgents, type ScriptedKind } from "../agents/scripted-agents.js";
import { createMemoryForge, type MemoryForge } from "../forge/memory-forge.js";
import { createMemoryStore } from "../memory-store/memory-store.js";
import type { Tree } from "../forge/commits.js";
import { keepPipeline } from "./keep-pipeline.js";
import { createCountingIds, createVirtualClock, sleepUntilAborted, type VirtualClock } from "./virtual-clock.js";

/** What a test host consists of. */
export interface TestHostOptions {
  /** Scripts by agent kind. Default: none; a kind without a script fails. */
  readonly script?: Readonly<Record<string, ScriptedKind>>;
  readonly pipeline: Pick<PipelineInput, "steps"> & Partial<PipelineInput>;
  /** Files of the repository's first commit. Default: a readme. */
  readonly files?: Tree;
  /** Repository of the service, on a forge that `wrap` provides. Default: a new repository of the memory forge. */
  readonly repository?: RepositoryRef;
  /** Opens the store and the wake-ups. Default: both in memory. */
  readonly database?: (clock: VirtualClock) => Promise<{ readonly store: Store; readonly wakeups: WakeUps }>;
  /** Clock to share with other parts of the test. Default: a new one. */
  readonly clock?: VirtualClock;
  /** Timer behind the ceilings of port calls. Default: it never ends, so no call has one. */
  readonly sleep?: Sleep;
  readonly checks?: Partial<CheckPolicy>;
  /** How the service is brought up for its tests. Default: not set. */
  readonly testing?: ServiceTesting;
  readonly options?: OrchestrationOptions;
  /** Fields of the task beside its title. */
  readonly task?: Omit<z.input<typeof addTaskSchema>, "title">;
  /** Settings of the workspace. Default: those of a new workspace. */
  readonly settings?: z.input<typeof workspaceSettingsSchema>;
  /** Outside services beside agents and the forge. Default: all off. */
  readonly services?: Partial<OutsideServices>;
  /** Secrets that the host holds, which are never stored. Default: none. */
  readonly secrets?: readonly string[];
  /** Check of persons. Default: every caller is trusted. */
  readonly persons?: PersonCheck;
  /** Notification channels. Default: none. */
  readonly channels?: readonly NotificationChannel[];
  /** Sends mails, with links to `https://mill.example`. Default: off. */
  readonly mailer?: Mailer;
  /** Replaces or wraps the ports of the engine, e.g. with `withFaults`. */
  readonly wrap?: (ports: OrchestrationPorts) => OrchestrationPorts;
  readonly log?: Log;
}

/** An engine in memory with one service, one task and one pipeline. */
export interface TestHost extends Orchestration {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly agents: ScriptedAgents;
  readonly forge: MemoryForge;
  readonly workspace: Workspace;
  readonly repository: RepositoryRef;
  readonly task: Block;
  readonly pipeline: Pipeline;
  readonly user: Actor;
  /** Starts the pipeline on the task. */
  start(): Promise<Run>;
  /**
   * Drives until every run waits for a person or is finished, moving the clock to each wake-up.
   *
   * @param turns Advances after which it gives up. Default: 500.
   * @throws MillraceError `internal` when it gives up.
   */
  drive(turns?: number): Promise<void>;
  /** Answers the run's open wait with the subject that it shows. Default actor: `testUser`. */
  reply(runId: string, reply: HumanReply, actor?: Actor): Promise<Run>;
  run(runId: string): Promise<Run>;
  block(): Promise<Block>;
  /** Text of a step's output; null when it has none. */
  output(runId: string, step: number): Promise<string | null>;
}

/** A log that drops every entry. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined };

/** An engine in memory with one service, one task and the given pipeline; nothing is started yet. */
export async function createTestHost(options: TestHostOptions): Promise<TestHost> {
  const clock = options.clock ?? createVirtualClock();
  const forge = createMemoryForge();
  const agents = createScriptedAgents(options.script ?? {}, forge);
  const { store, wakeups } = (await options.database?.(clock)) ?? createMemoryStore({ clock });
  const plain: OrchestrationPorts = {
    ...outsideServicesOff,
    ...options.services,
    store,
    wakeups,
    agents,
    forges: { get: forgeByName(forge) },
    clock,
    sleep: options.sleep ?? sleepUntilAborted,
    ids: createCountingIds(),
    log: options.log ?? silentLog,
    persons: options.persons ?? trustEveryPerson,
    redact: createRedact(options.secrets),
    channels: options.channels ?? [],
    ...(options.mailer === undefined ? {} : { mailer: options.mailer }),
  };
  const ports = options.wrap?.(plain) ?? plain;
  const engine = composeOrchestration(ports, {
    ...(ports.mailer === undefined ? {} : { publicUrl: "https://mill.example" }),
    ...options.options,
  });
  const repository = options.repository ?? forge.createRepository("sample", options.files ?? { "readme.md": "sample" });
  const workspace = await engine.workspaces.create({ name: "test", actor: testUser });
  if (options.settings !== undefined) await engine.settings.put({ workspaceId: workspace.id, input: options.settings, actor: testUser });
  const service = await engine.board.addService({
    workspaceId: workspace.id,
    title: "sample",
    repository,
    checks: checkPolicySchema.parse(options.checks ?? {}),
    testing: options.testing ?? null,
    actor: testUser,
  });
  const task = await engine.board.addTask({
    workspaceId: workspace.id,
    parentId: service.id,
    input: { title: "a task", ...options.task },
    actor: testUser,
  });
  const pipeline = await keepPipeline(store, engine, {
    workspaceId: workspace.id,
    input: { id: "pl_test", name: "Test", ...options.pipeline },
  });
  const run = (runId: string): Promise<Run> => engine.execution.get({ workspaceId: workspace.id, runId });
  return {
    ...engine,
    clock,
    store,
    wakeups,
    agents,
    forge,
    workspace,
    repository,
    task,
    pipeline,
    user: testUser,
    run,
    start: () => engine.execution.start({ workspaceId: workspace.id, blockId: task.id, pipelineId: pipeline.id, actor: testUser }),
    drive: (turns = 500) => driveToRest(engine, ports, clock, turns),
    async reply(runId, reply, actor = testUser) {
      const wait = openWait(await run(runId));
      if (wait === null) throw new MillraceError("wait_closed", `run '${runId}' has no open wait`);
      return engine.execution.answer({ workspaceId: workspace.id, runId, wait: wait.id, subject: wait.subject, actor, reply });
    },
    async block() {
      const found = await store.blocks.get(workspace.id, task.id);
      if (found === null) throw new MillraceError("not_found", "the task is gone");
      return found;
    },
    async output(runId, step) {
      const key = (await run(runId)).steps[step]?.output?.key;
      return key === undefined ? null : store.outputs.get(workspace.id, key);
    },
  };
}

function forgeByName(forge: Forge): (name: string) => Forge {
  return (name) => {
    if (name !== forge.name) throw new MillraceError("unavailable", `no forge '${name}' here`);
    return forge;
  };
}

async function driveToRest(
  engine: Orchestration,
  ports: Pick<OrchestrationPorts, "wakeups">,
  clock: VirtualClock,
  turns: number,
): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    const [claim] = await ports.wakeups.claim({ owner: "test", now: clock.now(), leaseMs: 1000, limit: 1 });
    if (claim === undefined) {
      const next = await ports.wakeups.nextDueAt();
      if (next === null) return;
      clock.advanceTo(next);
      continue;
    }
    await engine.execution.advance(claim);
    await ports.wakeups.release(claim);
  }
  throw new MillraceError("internal", `still not at rest after ${turns} advances`);
}

/** The activity of the step at the cursor. */
export function activityOf(run: Run): string {
  return currentStep(run).activity.is;
}
