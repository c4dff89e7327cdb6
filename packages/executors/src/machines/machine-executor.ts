/**
 * Jobs of any number of machines on one store (F:C16): each machine has a job folder of its own.
 *
 * Owns: which machine a job belongs to, its sign of life, and its outcome for the other machines. Does not own: the job, which is in the
 * folder of its machine (`local-executor.ts`).
 * 1. A machine takes a job on before it starts it. The other machines leave it alone: a poll says that it runs.
 * 2. Its machine looks at its own jobs all the time: it gives a sign of life, writes the outcome for every machine to read, and ends or
 *    clears away what another machine asks it to.
 * 3. A machine that gave no sign of life for a lease is gone: its jobs are lost, for good. Should it come back, it ends them.
 * 4. What a machine writes about a job is guarded by the job's revision: one that was slow writes nothing.
 * 5. Only a running job delivers. A stop is written before the job is ended, so a process that is about to push finds it or is waited for, and a
 *    machine that was taken for gone finds that.
 */
import {
  hasPassed,
  isMillraceError,
  logFailure,
  MillraceError,
  NOTHING_SPENT,
  type AgentExecutor,
  type Clock,
  type JobHandle,
  type JobOutcome,
  type Log,
  type MachineJob,
  type Sleep,
  type Store,
  type TokenUsage,
} from "@millrace/kernel";
import type { LocalExecutor } from "../jobs/local-executor.js";
import { outcomeFileSchema } from "../jobs/job-files.schema.js";

/** What the jobs of a machine are kept with. */
export interface MachineExecutorOptions {
  /** The executor of this machine. */
  readonly local: Omit<LocalExecutor, keyof AsyncDisposable>;
  /** Id of this machine: `machineIdentity` of its job folder. */
  machine(): Promise<string>;
  readonly store: Store;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly log: Log;
  /** Time without a sign of life after which another machine is gone, in ms. */
  readonly leaseMs: number;
}

/** The executor of every machine's jobs, and what a machine does for its own. */
export interface MachineExecutor extends AgentExecutor {
  /** Gives a sign of life for the jobs of this machine, and begins a visit to each. Returns how many there are. Call it each third of a lease. */
  tend(): Promise<number>;
  /** Whether the work of a job of this machine may still be pushed: it was neither stopped nor taken for lost. */
  mayDeliver(key: string): Promise<boolean>;
  /** Writes the outcome of a job of this machine that has ended, for every machine to read. Never rejects. */
  ended(key: string): Promise<void>;
  /** Resolves when no visit is going on. Never rejects. */
  idle(): Promise<void>;
}

/** Jobs of one read. */
const PAGE = 200;
/** Visits to a job that is not started yet, before it is looked at: three of them are a lease. */
const START_VISITS = 3;
/** Time that a stop waits for another machine, and pause between two looks, in ms. */
const STOP_WAIT_MS = 10_000;
const STOP_POLL_MS = 500;

/** Creates the executor of this machine's jobs and those of others. Its methods also reject with the errors of `local` and of the store. */
export function createMachineExecutor(options: MachineExecutorOptions): MachineExecutor {
  const { local } = options;
  const jobs = new MachineJobs(options);
  return {
    resolveModel: (kind, request) => local.resolveModel(kind, request),
    rateOf: (kind, request) => local.rateOf(kind, request),
    async run(task, signal) {
      const owner = await jobs.takeOn(task.key, { evenLost: true });
      if (!(await jobs.isMine(owner)))
        throw new MillraceError("unavailable", `the '${task.kind}' agent is being asked on ${nameOf(owner)}`, {
          fix: "nothing to do: it is asked again here when that machine is gone",
        });
      using _alive = jobs.calling(task.key);
      return await local.run(task, signal);
    },
    async startJob(task) {
      const owner = await jobs.takeOn(task.key, { evenLost: false });
      // What another machine has stopped or given up by now starts nothing.
      if (!(await jobs.isMine(owner)) || owner.state !== "running") return { key: task.key, ref: owner.machine, model: null };
      const handle = await local.startJob(task);
      // A start that was too slow, so that the job was given up meanwhile, must leave nothing behind.
      const now = await jobs.find(task.key);
      if (now?.state === "lost" || now?.state === "ended") await local.stopJob(handle);
      return handle;
    },
    async pollJob(handle) {
      const job = await jobs.find(handle.key);
      const isOver = job !== null && job.state !== "running" && job.state !== "stopping";
      if (isOver && job.outcome !== null) return { is: "ended", outcome: outcomeOf(job) };
      if (job === null || (await jobs.isMine(job))) return local.pollJob(handle);
      const outcome = isOver ? outcomeOf(job) : await jobs.lostOutcome(job);
      return outcome === null ? { is: "running", progress: null } : { is: "ended", outcome };
    },
    async stopJob(handle) {
      const job = await jobs.toStop(handle.key);
      if (job === null) return local.stopJob(handle);
      return (await jobs.isMine(job)) ? jobs.stopHere(handle) : jobs.stopElsewhere(job);
    },
    async forget(handle) {
      const job = await jobs.find(handle.key);
      if (job === null || (await jobs.isMine(job))) await local.forget(handle);
      if (job !== null) await jobs.forget(job);
    },
    tend: () => jobs.tend(),
    mayDeliver: (key) => jobs.mayDeliver(key),
    ended: (key) => jobs.visit(key),
    idle: () => jobs.idle(),
  };
}

class MachineJobs {
  readonly #options: MachineExecutorOptions;
  /** Keys of agents' calls that this process waits for. */
  readonly #calls = new Set<string>();
  #machine: Promise<string> | null = null;
  /** Number of visits to each job that found it not started yet. */
  readonly #unstarted = new Map<string, number>();
  readonly #visits = new Map<string, Promise<void>>();

  constructor(options: MachineExecutorOptions) {
    this.#options = options;
  }

  find(key: string): Promise<MachineJob | null> {
    return this.#options.store.machineJobs.get(key);
  }

  async isMine({ machine }: MachineJob): Promise<boolean> {
    return machine === (await this.#me());
  }

  /**
   * The machine that has the job: this one, unless another was first. `evenLost`: a call, which is asked again under its key, also when that
   * machine is gone, and anew when it has ended here.
   */
  async takeOn(key: string, { evenLost }: { readonly evenLost: boolean }): Promise<MachineJob> {
    const known = await this.find(key);
    const isTaken = known !== null && (!evenLost || ((await this.isMine(known)) ? known.state === "running" : this.#isAlive(known)));
    if (isTaken) return known;
    const revision = (known?.revision ?? 0) + 1;
    const mine: MachineJob = { key, machine: await this.#me(), seenAt: this.#now(), state: "running", outcome: null, revision };
    return (await this.#put(mine)) ?? this.takeOn(key, { evenLost });
  }

  /**
   * The job to be stopped; null where the folder of this machine cannot be used. Its processes are ended all the same: a stop must not need
   * the thing that failed (F:C7).
   */
  async toStop(key: string): Promise<MachineJob | null> {
    try {
      return await this.takeOn(key, { evenLost: false });
    } catch (error) {
      if (isMillraceError(error, "folder_unwritable")) return null;
      throw error;
    }
  }

  /** The call is in flight here until it is disposed. */
  calling(key: string): Disposable {
    this.#calls.add(key);
    return { [Symbol.dispose]: () => void this.#calls.delete(key) };
  }

  /** The outcome of another machine's job if that machine is gone, else null. It is written first: what the machine says later is dropped. */
  async lostOutcome(job: MachineJob): Promise<JobOutcome | null> {
    if (this.#isAlive(job)) return null;
    const seconds = Math.round(this.#options.leaseMs / 1000);
    const message = `${nameOf(job)}, on which it ran, gave no sign of life for ${seconds} s`;
    const outcome: JobOutcome = { is: "lost", transient: true, message, usage: null };
    const written = await this.#put(next(job, { state: "lost", outcome: JSON.stringify(outcome) }));
    return written === null ? null : outcome;
  }

  /** A job of another version has no row. */
  async mayDeliver(key: string): Promise<boolean> {
    const job = await this.find(key);
    return job === null || ((await this.isMine(job)) && job.state === "running");
  }

  /** Ends a job of this machine for good, also where nothing can be written to its folder. */
  async stopHere(handle: JobHandle): Promise<TokenUsage | null> {
    const { key } = handle;
    await this.#change(key, ({ state }) => (state === "running" ? { state: "stopping" } : null));
    const usage = await this.#options.local.stopJob(handle);
    const stopped: JobOutcome = {
      is: "failed",
      code: "turn_cancelled",
      message: "the job was stopped",
      detail: null,
      observed: null,
      usage,
    };
    await this.#change(key, ({ state }) => (state === "stopping" ? { state: "ended", outcome: JSON.stringify(stopped) } : null));
    return usage;
  }

  /**
   * Asks the job's machine to end it, and waits a moment.
   * @throws MillraceError `unavailable` when that machine has not said yet that it has ended.
   */
  async stopElsewhere(job: MachineJob): Promise<TokenUsage | null> {
    const { sleep } = this.#options;
    for (let waited = 0; waited < STOP_WAIT_MS; waited += STOP_POLL_MS) {
      const now = (await this.find(job.key)) ?? job;
      if (now.state !== "running" && now.state !== "stopping") return usageOf(outcomeOf(now));
      if ((await this.lostOutcome(now)) !== null) return null;
      if (now.state === "running") await this.#put(next(now, { state: "stopping" }));
      await sleep(STOP_POLL_MS, new AbortController().signal);
    }
    throw new MillraceError("unavailable", `the job runs on ${nameOf(job)}, which was asked to stop it`, {
      fix: "nothing to do: it is asked again, and the job is lost when that machine is gone",
    });
  }

  /** A lost race is a sign of life that came between: the machine finds the job ended, and keeps its files. */
  async forget(job: MachineJob): Promise<void> {
    await this.#put(next(job, { state: (await this.isMine(job)) ? "forgotten" : "forgetting" }));
  }

  /** Gives a sign of life of every job of this machine, and looks at each beside it: an outcome may take minutes to be made. */
  async tend(): Promise<number> {
    const { store } = this.#options;
    let jobs = 0;
    for (let after: string | undefined; ;) {
      const page: readonly MachineJob[] = await store.machineJobs.ofMachine(await this.#me(), { after, limit: PAGE });
      await Promise.all(page.map((job) => this.#put(next(job, { seenAt: this.#now() }))));
      for (const { key } of page) void this.visit(key);
      jobs += page.length;
      after = page.at(-1)?.key;
      if (page.length < PAGE) return jobs;
    }
  }

  /** Brings one job forward; a second visit at the same time is the first. Never rejects. */
  visit(key: string): Promise<void> {
    const known = this.#visits.get(key);
    if (known !== undefined) return known;
    const visit = this.#visit(key)
      .catch((error: unknown) => logFailure(this.#options.log, "machine-job-failed", error, { key }))
      .finally(() => this.#visits.delete(key));
    this.#visits.set(key, visit);
    return visit;
  }

  async idle(): Promise<void> {
    await Promise.all(this.#visits.values());
  }

  async #visit(key: string): Promise<void> {
    const { local } = this.#options;
    const handle: JobHandle = { key, ref: "", model: null };
    const job = await this.find(key);
    if (job === null) return;
    // Another machine took this one for gone: nothing of the job may go on.
    if (!(await this.isMine(job)) || job.state === "lost") {
      await local.stopJob(handle);
      return this.#change(key, () => ({ state: "ended" }));
    }
    if (job.state === "forgetting") {
      // It may have been lost before: what still runs goes first.
      await local.stopJob(handle);
      await local.forget(handle);
      return this.#change(key, () => ({ state: "forgotten" }));
    }
    if (job.state === "stopping") await local.stopJob(handle);
    else if (job.state !== "running") return;
    // The files of a call are those of the process that waits for it.
    else if (this.#calls.has(key)) return;
    if (job.state === "running") {
      const start = await local.startOf(key);
      // Of a job whose folder is gone it is not known what its agent used.
      if (start === "unstarted" || start === "unknown") return this.#endUnstarted(handle, start === "unknown" ? null : NOTHING_SPENT);
      this.#unstarted.delete(key);
      if (start === "starting") return;
    }
    const status = await local.pollJob(handle);
    if (status.is !== "ended") return;
    const outcome = JSON.stringify(status.outcome);
    await this.#change(key, ({ state }) => (state === "running" || state === "stopping" ? { state: "ended", outcome } : null));
  }

  /**
   * A job without a supervisor: its start is under way in another process of this machine, or is repeated by one, because the run that took
   * it on asks for it again. After some visits it is lost with its host all the same: the run may be with another machine by then.
   */
  async #endUnstarted(handle: JobHandle, usage: TokenUsage | null): Promise<void> {
    const { key } = handle;
    const visits = (this.#unstarted.get(key) ?? 0) + 1;
    this.#unstarted.set(key, visits);
    if (visits <= START_VISITS) return;
    this.#unstarted.delete(key);
    const message = "it was not started on its machine, or its folder there is gone";
    const outcome: JobOutcome = { is: "lost", transient: true, message, usage };
    // Written first: a start that comes all the same finds it, and leaves nothing behind.
    await this.#change(key, ({ state }) => (state === "running" ? { state: "ended", outcome: JSON.stringify(outcome) } : null));
    if ((await this.find(key))?.state === "ended") await this.#options.local.stopJob(handle);
  }

  /** Changes the job as it is by then, if it is this machine's; null: not at all. */
  async #change(key: string, change: (job: MachineJob) => Partial<MachineJob> | null): Promise<void> {
    for (;;) {
      const job = await this.find(key);
      if (job === null || !(await this.isMine(job))) return;
      const changed = change(job);
      if (changed === null || (await this.#put(next(job, changed))) !== null) return;
    }
  }

  #isAlive({ seenAt }: MachineJob): boolean {
    const { leaseMs } = this.#options;
    return !hasPassed(seenAt + leaseMs, this.#now(), leaseMs);
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #me(): Promise<string> {
    this.#machine ??= this.#options.machine().catch((error: unknown) => {
      this.#machine = null;
      throw error;
    });
    return this.#machine;
  }

  /** Null when another process was first. */
  async #put(job: MachineJob): Promise<MachineJob | null> {
    try {
      await this.#options.store.commit([{ change: "put-machine-job", job }]);
      return job;
    } catch (error) {
      if (isMillraceError(error, "stale_revision")) return null;
      throw error;
    }
  }
}

function next(job: MachineJob, change: Partial<MachineJob>): MachineJob {
  return { ...job, ...change, revision: job.revision + 1 };
}

/** The outcome that its machine wrote; lost when it wrote none, as of a call. */
function outcomeOf({ outcome }: MachineJob): JobOutcome {
  const written = outcome === null ? null : outcomeFileSchema.safeParse(JSON.parse(outcome));
  return written?.success === true ? written.data : { is: "lost", transient: true, message: "its outcome is not known", usage: null };
}

function usageOf(outcome: JobOutcome): TokenUsage | null {
  return outcome.is === "finished" ? outcome.answer.usage : outcome.usage;
}

/** The machine, for people. */
function nameOf({ machine }: MachineJob): string {
  return `the machine '${machine.split("/")[0] ?? machine}'`;
}
