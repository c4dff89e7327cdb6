/**
 * The whole product on one machine: SQLite, local git repositories, agents as child processes.
 *
 * Owns: how the pieces are wired, and taking up what an earlier process left behind. Does not own: rules
 * (orchestration), configuration (the app), signals (the app).
 * 1. Opening has no effect on runs; `startDriver` takes them up.
 * 2. Two processes on one database are safe: leases share the work, revisions guard every write.
 * 3. Closing never kills a job: jobs outlive the process and are taken up by the next one.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RepositoryRef, Run } from "@millrace/contracts";
import { createCommandRunner, createLocalExecutor, routeExecutors, type AgentLaunch } from "@millrace/executors";
import { createGitWorktrees, createLocalGitForge, type LocalGitRepository } from "@millrace/integrations";
import {
  logFailure,
  MillraceError,
  type AgentExecutor,
  type Clock,
  type Forge,
  type Log,
  type Store,
  type WakeUps,
} from "@millrace/kernel";
import {
  composeOrchestration,
  isAtRest,
  randomIds,
  startDriver,
  fromRecord,
  servicesOff,
  type Driver,
  type Orchestration,
  type OrchestrationOptions,
  type OrchestrationPorts,
  type RunAddress,
} from "@millrace/orchestration";
import { openSqliteStore } from "@millrace/store-sql";
import { deadOwners, ownerOfThisProcess } from "./owner.js";
import { sha256 } from "./sha256.js";

export interface LocalRuntimeOptions {
  /** Folder for the database, job folders and check-outs. Made when missing. */
  readonly folder: string;
  /** `full` (default): an acknowledged command survives a power cut. `normal`: the last ones may be lost in one, never torn; about eight times the commits. */
  readonly durability?: "full" | "normal";
  /** The agent that works for a kind; null when none is set up. */
  launchFor(kind: string): AgentLaunch | null;
  /** Answers inline kinds instead of the agents above: a model behind an API. */
  readonly inline?: AgentExecutor;
  /** Repositories by id. */
  repositories(id: string): Promise<LocalGitRepository | null>;
  /** Outside services beside agents and the forge. Default: none. */
  readonly services?: Partial<Pick<OrchestrationPorts, "models" | "environments" | "tracker" | "releases" | "incidents">>;
  readonly options?: OrchestrationOptions;
  readonly jobLimits?: { readonly totalMs: number; readonly inactivityMs: number; readonly graceMs: number };
  readonly log: Log;
}

export interface LocalRuntime extends Orchestration, AsyncDisposable {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly agents: AgentExecutor;
  readonly forge: Forge;
  readonly databasePath: string;
  /** Starts driving whatever is due. Runs of processes that died are taken up at once. */
  startDriver(options?: { readonly concurrency?: number }): Promise<Driver>;
  /** Resolves with the run when it waits for a person or is finished. Needs a driver, here or in another process. */
  untilRest(address: RunAddress, signal?: AbortSignal): Promise<Run>;
  close(): Promise<void>;
}

const LOCAL_PATIENCE = { jobPollMs: 1000, gatePollMs: 1000 };
const LEASE_MS = 15_000;
const WATCH_MS = 100;

/** Opens a runtime. @throws MillraceError `database_*` when the database cannot be used. */
export async function openLocalRuntime(options: LocalRuntimeOptions): Promise<LocalRuntime> {
  const clock: Clock = { now: () => Date.now() };
  const databasePath = join(options.folder, "millrace.db");
  await makeFolder(options.folder);
  const sql = await openSqliteStore({
    path: databasePath,
    clock,
    ...(options.durability === undefined ? {} : { durability: options.durability }),
  });
  const { store, wakeups } = sql;
  const later: { engine: Orchestration | null } = { engine: null };
  const nudge = (address: RunAddress): void =>
    void later.engine?.execution.nudge(address).catch((error: unknown) => logFailure(options.log, "nudge-failed", error));

  const forge = createLocalGitForge({
    ledger: sql.pullRequests,
    commands: createCommandRunner(),
    clock,
    repositories: (id) => options.repositories(id),
    checksRoot: join(options.folder, "checks"),
    onCheckSettled: (repository) =>
      void nudgeGates(store, repository, nudge).catch((error: unknown) => logFailure(options.log, "nudge-failed", error)),
  });
  const forges = { get: (name: string) => forgeNamed(forge, name) };
  const jobs = createLocalExecutor({
    jobsDir: join(options.folder, "jobs"),
    worktrees: createGitWorktrees({ remoteUrl: async (repository) => (await requireRepository(options, repository)).path }),
    forge: forges.get,
    launchFor: (kind) => options.launchFor(kind),
    clock,
    onSettled: (key) => void nudgeJob(store, key, nudge).catch((error: unknown) => logFailure(options.log, "nudge-failed", error)),
    ...(options.jobLimits === undefined ? {} : { limits: options.jobLimits }),
  });
  const { inline } = options;
  const engine = composeOrchestration(
    {
      ...servicesOff,
      ...options.services,
      store,
      wakeups,
      forges,
      clock,
      ids: randomIds,
      log: options.log,
      digestText: sha256,
      agents: inline === undefined ? jobs : routeExecutors({ inline, jobs, inlineKinds: (kind) => isInline(later.engine, kind) }),
    },
    { ...options.options, patience: { ...LOCAL_PATIENCE, ...options.options?.patience } },
  );
  later.engine = engine;

  const drivers = new Set<Driver>();
  const close = async (): Promise<void> => {
    await Promise.all([...drivers].map((driver) => driver.stop()));
    await jobs[Symbol.asyncDispose]();
    await forge[Symbol.asyncDispose]();
    await sql.close();
  };
  return {
    ...engine,
    store,
    wakeups,
    agents: jobs,
    forge,
    databasePath,
    async startDriver({ concurrency } = {}) {
      await releaseDead(wakeups);
      const driver = startDriver({
        execution: engine.execution,
        cards: engine.cards,
        wakeups,
        clock,
        log: options.log,
        sleep,
        owner: await ownerOfThisProcess(),
        leaseMs: LEASE_MS,
        idleMs: 250,
        ...(concurrency === undefined ? {} : { concurrency }),
      });
      drivers.add(driver);
      return driver;
    },
    untilRest: (address, signal) => untilRest(engine, address, signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new MillraceError("database_unwritable", `the folder '${folder}' cannot be made`, {
      fix: "choose a folder you may write to",
      cause,
    });
  }
}

/** Two looks: the port asks synchronously, and whether a process lives is known only asynchronously. */
async function releaseDead(wakeups: WakeUps): Promise<void> {
  const owners = new Set<string>();
  await wakeups.releaseDead((owner) => {
    owners.add(owner);
    return false;
  });
  const dead = await deadOwners([...owners]);
  if (dead.size > 0) await wakeups.releaseDead((owner) => dead.has(owner));
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

async function untilRest(engine: Orchestration, address: RunAddress, signal?: AbortSignal): Promise<Run> {
  for (;;) {
    const run = await engine.execution.get(address);
    if (isAtRest(run, Date.now()) || signal?.aborted === true) return run;
    await sleep(WATCH_MS, signal ?? new AbortController().signal);
  }
}

/** A job's key begins with its run; whose workspace that is, the few workspaces of one machine tell. */
async function nudgeJob(store: Store, key: string, nudge: (address: RunAddress) => void): Promise<void> {
  const [runId] = key.split("/");
  if (runId === undefined) return;
  for (const { id } of await store.workspaces.list({ limit: 50 })) nudge({ workspaceId: id, runId });
}

/** The check of a head settled: the live runs of that repository look now instead of at their next poll. */
async function nudgeGates(store: Store, repository: RepositoryRef, nudge: (address: RunAddress) => void): Promise<void> {
  for (const workspace of await store.workspaces.list({ limit: 50 })) {
    for (const summary of await store.runs.list(workspace.id, { live: true }, { limit: 200 })) {
      const record = await store.runs.get(workspace.id, summary.id);
      if (record !== null && fromRecord(record).repository?.id === repository.id) nudge({ workspaceId: workspace.id, runId: summary.id });
    }
  }
}

function forgeNamed(forge: Forge, name: string): Forge {
  if (name === forge.name) return forge;
  throw new MillraceError("config_invalid", `this host has no forge '${name}'`, { fix: `use '${forge.name}'` });
}

async function requireRepository(options: LocalRuntimeOptions, repository: RepositoryRef): Promise<LocalGitRepository> {
  const found = await options.repositories(repository.id);
  if (found === null)
    throw new MillraceError("repository_missing", `repository '${repository.id}' is not set up here`, { fix: "run: millrace init" });
  return found;
}

function isInline(engine: Orchestration | null, kind: string): boolean {
  const step = engine?.kinds.get(kind)?.step;
  return step === "inline" || step === "companion";
}
