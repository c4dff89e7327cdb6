/**
 * One host: the engine with a database that its runtime chooses, local git repositories, agents as child processes.
 *
 * Owns: how the pieces are wired, and taking up what an earlier process left behind. Does not own: rules
 * (orchestration), which database it is (a runtime), configuration and signals (the app).
 * 1. Opening has no effect on runs; `startDriver` takes them up.
 * 2. Several processes on one database are safe: leases share the work, revisions guard every write.
 * 3. Closing never kills a job: jobs outlive the process and are taken up by the next one on this machine.
 */
import { join } from "node:path";
import type { Run } from "@millrace/contracts";
import {
  createCommandRunner,
  createJobCleaner,
  createLocalExecutor,
  createMachineExecutor,
  machineIdentity,
  openSandbox,
  routeExecutors,
  type AgentLaunch,
  type SandboxName,
} from "@millrace/executors";
import { createGitWorktrees, createLocalGitForge, type CommitStyle, type LocalGitRepository } from "@millrace/integrations";
import {
  createRedact,
  MillraceError,
  type AgentExecutor,
  type Clock,
  type Forge,
  type Log,
  type LoggedEvent,
  type ModelProxy,
  type NotificationChannel,
  type OutsideServices,
  type PersonCheck,
  type PullRequestLedger,
  type Store,
  type WakeUps,
} from "@millrace/kernel";
import {
  composeOrchestration,
  randomIds,
  outsideServicesOff,
  redactStore,
  startDriver,
  type Driver,
  type DriverOptions,
  type Orchestration,
  type OrchestrationOptions,
  type OrchestrationPorts,
  type RunAddress,
  type Sweep,
} from "@millrace/orchestration";
import { closeAll } from "./close-all.js";
import { eventStream, type EventStreamOptions } from "./event-stream.js";
import { forgesByName, type HostForge } from "./forges.js";
import { jobRetention } from "./job-retention.js";
import { createNudges } from "./nudges.js";
import { ownerOfThisProcess, releaseDeadOwners } from "./owner.js";
import { sleep, untilRest } from "./rest.js";
import { sha256 } from "./sha256.js";

export type { EventStreamOptions } from "./event-stream.js";
export type { HostForge } from "./forges.js";

/** Settings of a host that are the same on every runtime. */
export interface HostSettings {
  /** Folder for job folders and check-outs (and the database, where that is a file). Made when missing. */
  readonly folder: string;
  /** The agent that works for a kind; null when none is set up. */
  launchFor(kind: string): AgentLaunch | null;
  /** Where agents and checks run. `none` is no protection at all: they may do whatever the user of this process can. */
  readonly sandbox: SandboxName;
  /** The way of sandboxed agents to their models: `createModelProxy` with `hostDoors`; `modelProxyOff` for agents that need no model or no sandbox. */
  readonly modelProxy: ModelProxy;
  /** Answers every `ask-agent` request, in place of the agents above: a model behind an API. Default: the agents answer them too. */
  readonly inline?: AgentExecutor;
  /** Local git repositories by id. */
  repositories(id: string): Promise<LocalGitRepository | null>;
  /** Forges beside `local-git`. Default: none. */
  readonly forges?: readonly HostForge[];
  /** Outside services beside agents and forges. Default: none. */
  readonly services?: Partial<OutsideServices>;
  /** Ways notifications leave this host, each under a name of its own. Default: none. */
  readonly channels?: readonly NotificationChannel[];
  /** What people sign in with, and mails to them. Default: nobody signs in, and no mail is sent. */
  readonly people?: Pick<OrchestrationPorts, "passwords" | "identityProviders" | "mailer">;
  readonly options?: OrchestrationOptions;
  readonly jobLimits?: { readonly totalMs: number; readonly inactivityMs: number; readonly graceMs: number };
  /** Author and sign-off of commits of agents' work. Default: Millrace, without a sign-off. */
  readonly commits?: CommitStyle;
  readonly log: Log;
  /** Secrets that this host holds: keys of providers, tokens of forges, secret variables of agents. None of them is stored. Default: none. */
  readonly secrets?: readonly string[];
  /** Asked before a person's deed is accepted. `trustEveryPerson` is for a host whose callers are proven elsewhere. */
  readonly persons: PersonCheck;
}

/** Storage of a host, provided by a runtime. */
export interface HostDatabase {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly pullRequests: PullRequestLedger;
  /** Name for messages: a path, or host, port and database. Never a password. */
  readonly name: string;
  close(): Promise<void>;
}

/** Time and waiting, provided by a runtime. */
export interface HostDriving {
  readonly clock: Clock;
  /** Length of a lease, in ms: the runs of a silent process are taken up after it. */
  readonly leaseMs: number;
  /** Longest pause between two polls of the queue, in ms. */
  readonly idleMs: number;
  /** Patience where the options say none. */
  readonly patience?: OrchestrationOptions["patience"];
  /** Resolves when something of the workspace may have changed, after a while at the latest, or when the signal aborts. Never rejects. */
  readonly changed: (workspaceId: string, signal: AbortSignal) => Promise<void>;
  /** Calls back when a run became due in another process, until the signal aborts. Default: never called; the driver polls. */
  readonly onDue?: (callback: () => void, signal: AbortSignal) => void;
}

/** Options of a host's driver. */
export interface DriverSettings {
  /** Runs driven at a time. Default 4. */
  readonly concurrency?: number;
  /** The only runs it drives. Default: any. */
  readonly only?: readonly RunAddress[] | undefined;
  /** Called when a run that this driver worked on has come to a pause, and something of it was committed. */
  readonly onMoved?: (run: RunAddress) => void;
}

/** An engine with its database, forges and agents. Disposal is `close`: it stops its driver and closes what it opened. */
export interface Host extends Orchestration, AsyncDisposable {
  readonly store: Store;
  readonly wakeups: WakeUps;
  /** Path, or host, port and database. Never a password. */
  readonly databaseName: string;
  readonly agents: AgentExecutor;
  /** The `local-git` forge. */
  readonly forge: Forge;
  /** Clock of leases, due times and events. */
  readonly clock: Clock;
  /** Starts driving due runs. Leases of dead processes of this machine are released at once. */
  startDriver(options?: DriverSettings): Promise<Driver>;
  /** Resolves with the run when it waits for a person or is finished. Needs a driver, here or in another process. */
  untilRest(address: RunAddress, signal?: AbortSignal): Promise<Run>;
  /**
   * The events of a workspace in log order, those that are there and then those that come, until the signal aborts. A reader that begins
   * again with the last cursor it saw misses nothing and repeats nothing, whatever process wrote them.
   */
  readonly events: (options: EventStreamOptions) => AsyncGenerator<LoggedEvent, void, undefined>;
  /** Resolves when something of the workspace may have changed, after a while at the latest, or when the signal aborts. */
  readonly changed: (workspaceId: string, signal: AbortSignal) => Promise<void>;
  /** Stops the drivers (what is being committed lands, leases are given back), then closes the database. */
  close(): Promise<void>;
}

/** Wires a host around a database that is open. Closing the host closes the database. */
export function openHost(settings: HostSettings, database: HostDatabase, driving: HostDriving): Host {
  const { wakeups } = database;
  const redact = createRedact(settings.secrets);
  const store = redactStore(database.store, redact);
  const { clock, changed } = driving;
  const later: { engine: Orchestration | null } = { engine: null };
  const nudges = createNudges(store, settings.log, () => later.engine);
  const commands = createCommandRunner({ sandbox: openSandbox(settings.sandbox) });
  const forge = createLocalGitForge({
    ledger: database.pullRequests,
    commands,
    clock,
    repositories: (id) => settings.repositories(id),
    checksRoot: join(settings.folder, "checks"),
    onCheckCompleted: (repository) => nudges.repository(repository),
  });
  const localGit: HostForge = { forge, remoteUrl: async ({ id }) => (await requireRepository(settings, id)).path };
  const forges = forgesByName([localGit, ...(settings.forges ?? [])]);
  const jobsDir = join(settings.folder, "jobs");
  const jobs = createLocalExecutor({
    jobsDir,
    worktrees: createGitWorktrees({
      remoteUrl: (repository) => forges.remoteUrl(repository),
      commands,
      ...(settings.commits === undefined ? {} : { commits: settings.commits }),
    }),
    forge: (name) => forges.get(name),
    sandbox: settings.sandbox,
    launchFor: (kind) => settings.launchFor(kind),
    modelProxy: settings.modelProxy,
    clock,
    mayDeliver: (key) => machine.mayDeliver(key),
    onJobEnded: (job) => void machine.ended(job.key).then(() => nudges.run(job)),
    ...(settings.secrets === undefined ? {} : { secrets: settings.secrets }),
    ...(settings.jobLimits === undefined ? {} : { limits: settings.jobLimits }),
  });
  const machine = createMachineExecutor({
    local: jobs,
    machine: () => machineIdentity(jobsDir),
    store,
    clock,
    sleep,
    log: settings.log,
    leaseMs: driving.leaseMs,
  });
  const ownJobs: Sweep = { name: "machine.jobs", everyMs: driving.leaseMs / 3, run: () => machine.tend() };
  const { inline } = settings;
  const engine = composeOrchestration(
    {
      ...outsideServicesOff,
      ...settings.services,
      ...settings.people,
      channels: settings.channels ?? [],
      store: database.store,
      wakeups,
      forges,
      clock,
      sleep,
      ids: randomIds,
      log: settings.log,
      persons: settings.persons,
      redact,
      digestText: sha256,
      agents: inline === undefined ? machine : routeExecutors({ inline, jobs: machine }),
    },
    { ...settings.options, patience: { ...driving.patience, ...settings.options?.patience } },
  );
  later.engine = engine;
  const drivers = createDrivers(settings, database, driving, {
    execution: engine.execution,
    isDraining: () => engine.host.isDraining,
    sweeps: [ownJobs, jobRetention(store, createJobCleaner(jobsDir)), ...engine.sweeps],
  });
  const close = (): Promise<void> =>
    closeAll([
      () => database.close(),
      async () => forge[Symbol.asyncDispose](),
      async () => jobs[Symbol.asyncDispose](),
      () => machine.idle(),
      () => drivers.stop(),
    ]);
  return {
    ...engine,
    store,
    wakeups,
    databaseName: database.name,
    agents: jobs,
    forge,
    clock,
    startDriver: (options = {}) => drivers.start(options),
    untilRest: (address, signal) => untilRest(engine, clock, changed, address, signal),
    events: (options) => eventStream(store.events, changed, options),
    changed,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createDrivers(
  { log }: HostSettings,
  { wakeups }: HostDatabase,
  driving: HostDriving,
  { execution, sweeps, isDraining }: Pick<DriverOptions, "execution" | "sweeps" | "isDraining">,
) {
  const { clock, leaseMs, idleMs } = driving;
  const drivers = new Set<Driver>();
  const stopping = new AbortController();
  return {
    async start(settings: DriverSettings): Promise<Driver> {
      await releaseDeadOwners(wakeups);
      const driver = startDriver({
        execution,
        sweeps,
        ...(isDraining === undefined ? {} : { isDraining }),
        wakeups,
        clock,
        log,
        sleep,
        owner: await ownerOfThisProcess(),
        leaseMs,
        idleMs,
        ...settings,
      });
      drivers.add(driver);
      driving.onDue?.(() => driver.wake(), stopping.signal);
      return driver;
    },
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all([...drivers].map((driver) => driver.stop()));
    },
  };
}

async function requireRepository(settings: HostSettings, id: string): Promise<LocalGitRepository> {
  const found = await settings.repositories(id);
  if (found === null) throw new MillraceError("repository_missing", `repository '${id}' is not set up here`, { fix: "run: millrace init" });
  return found;
}
