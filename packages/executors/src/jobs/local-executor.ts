/**
 * Coding agents as supervised processes of this machine.
 *
 * Owns: the job folders and their files. Does not own: the processes of a job, which belong to its supervisor, a detached process that
 * outlives this host. Only the host reads git and the forge.
 * 1. One key is one folder, one supervisor, one agent process and one outcome.
 * 2. The whole state of a job is in its folder: a new host continues where the last one was killed.
 * 3. An outcome is written after git and the forge were read, and never changes.
 * 4. A job that was stopped has no process left, whatever became of its folder, and none that finishes it. What its agent had ended before is
 *    delivered only if `mayDeliver` says so.
 * 5. Of the hosts that share a `jobsDir`, one at a time starts a job or records its end (`folder-claim.ts`).
 * Jobs in folders of other machines are those of `machine-executor.ts`.
 */
import { createHash } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  isMillraceError,
  MillraceError,
  NOTHING_SPENT,
  type AgentExecutor,
  type AgentTask,
  type Clock,
  type Forge,
  type JobHandle,
  type JobOutcome,
  type JobStatus,
  type ModelProxy,
  type SandboxDoor,
  type TokenUsage,
  type Worktrees,
} from "@millrace/kernel";
import { removeTree } from "../files/remove-tree.js";
import type { AgentLaunch } from "../launch/agent-launch.js";
import { modelLabel } from "./answer.logic.js";
import { finishJob } from "./finish-job.js";
import { awaitFolder, claimFolder, isClaimed, untilUnclaimed } from "./folder-claim.js";
import { jobFolder, jobHash, makeJobFolder, type JobFolder } from "./job-folder.js";
import type { SandboxName } from "../sandbox/open-sandbox.js";
import { callOf, type ExitFile, type JobFile } from "./job-files.schema.js";
import { endJob, processState, type JobIdentity } from "./job-processes.js";
import { DEFAULT_LIMITS, jobRequest, type JobLimits } from "./job-request.js";
import { JobDoors } from "./job-doors.js";
import { createJobWatch, type EndedJob, type JobWatch } from "./job-watch.js";
import { KeyedQueue } from "./keyed-queue.js";
import { runInline, type InlineJobs } from "./run-inline.js";
import { startSupervisor } from "./start-supervisor.js";

/** What an executor works with. */
export interface LocalExecutorOptions {
  /** Folder of the jobs, absolute; made when missing. */
  readonly jobsDir: string;
  readonly worktrees: Worktrees;
  /** Where agents run. `none` is no protection at all, for agents that may do whatever the user of this process can. */
  readonly sandbox: SandboxName;
  /** The way of sandboxed agents to their models. `modelProxyOff` for agents that need none. */
  readonly modelProxy: ModelProxy;
  /** Sockets of the host that the sandbox of a task shows. Default: none. */
  doorsOf?(task: AgentTask): readonly SandboxDoor[];
  /** The forge of a repository, by name. */
  forge(name: string): Forge;
  /** The launch of the agent for a kind; null when the kind has none. */
  launchFor(kind: string): AgentLaunch | null;
  /** Secrets that the host holds beside those of a launch; taken out of transcripts and answers. Default: none. */
  readonly secrets?: readonly string[];
  /** Folder inside the repository that a task may change; null for all of it. Default: null. */
  scopeOf?(task: AgentTask): string | null;
  /** Default: 60 min in all, 10 min of silence, 5 s between SIGTERM and SIGKILL. */
  readonly limits?: Partial<JobLimits>;
  readonly clock: Clock;
  /** Whether the work of a job may leave this host, asked right before its push: one that was given up meanwhile delivers nothing. Default: always. */
  mayDeliver?(key: string): Promise<boolean>;
  /** Called when a job that this host started or re-attached to has ended, so that the engine polls it at once. */
  onJobEnded?(job: EndedJob): void;
}

/** See `LocalExecutor.startOf`. `unstarted`: begun by a process that has ended; `unknown`: never begun, or its folder is gone. */
export type StartState = "started" | "starting" | "unstarted" | "unknown";

/** An executor whose jobs are durable. */
export interface LocalExecutor extends AgentExecutor, AsyncDisposable {
  /** How far the start of a job is: `started` with a supervisor, an exit or an outcome; `starting` while a living process is about to. */
  startOf(key: string): Promise<StartState>;
}

/**
 * Creates an executor. Disposing it detaches: running jobs continue, and the next host with the same `jobsDir` re-attaches to them.
 *
 * Its methods also reject with the errors of the worktrees and the forge.
 *
 * @throws MillraceError (from its methods) `config_invalid` for a kind without an agent, `agent_failed` when a job cannot be started,
 * `unavailable` when a process cannot be ended.
 */
export function createLocalExecutor(options: LocalExecutorOptions): LocalExecutor {
  const jobs = new Jobs(options);
  return {
    async resolveModel(kind) {
      const launch = options.launchFor(kind);
      return launch === null ? null : `agent:${launch.name}`;
    },
    async rateOf(kind) {
      const launch = options.launchFor(kind);
      // An agent with the login of its user spends the plan of that login; one behind a door spends the key of the host.
      return launch?.home === "user" && (options.sandbox === "none" || launch.model === undefined) ? "flat" : "job";
    },
    run: (task, signal) => runInline(jobs, task, signal),
    startJob: (task) => jobs.start(task),
    pollJob: (handle) => jobs.poll(handle),
    stopJob: (handle) => jobs.stop(handle),
    forget: (handle) => jobs.forget(handle),
    startOf: (key) => jobs.startOf(key),
    [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
  };
}

/** The exit of a job whose supervisor wrote none. `usage` null: unknown. */
function cancelled(usage: TokenUsage | null): ExitFile {
  return { turn: "cancelled", exit: null, text: "", usage, model: null, failure: null };
}

/** The jobs in `jobsDir`. Calls about one key are run one after the other. */
class Jobs implements InlineJobs, AsyncDisposable {
  readonly #options: LocalExecutorOptions;
  readonly #queue = new KeyedQueue();
  readonly #watch: JobWatch;
  readonly #doors: JobDoors;

  constructor(options: LocalExecutorOptions) {
    this.#options = options;
    this.#doors = new JobDoors(options.modelProxy);
    this.#watch = createJobWatch((job) => {
      // What could not be written stands in the file already, with calls that were cut at their reservation.
      void this.#queue.run(job.key, () => this.#doors.release(job.key)).catch(() => undefined);
      options.onJobEnded?.(job);
    });
  }

  start(task: AgentTask): Promise<JobHandle> {
    return this.#queue.run(task.key, async () => {
      const folder = this.#folder(task.key);
      const job = (await folder.job.read()) ?? (await this.#accept(folder, task));
      const handle: JobHandle = { key: task.key, ref: jobHash(task.key), model: `agent:${job.launch.name}` };
      if ((await folder.outcome.read()) !== null || (await folder.exit.read()) !== null) return handle;
      this.#watch.follow(job, folder.path);
      if ((await folder.supervisor.read()) !== null) {
        await this.#doors.resume(folder, job);
        return handle;
      }
      await using _claim = await awaitFolder(folder.path);
      // Another process may have started it meanwhile, or stopped it.
      if ((await folder.exit.read()) !== null || (await folder.supervisor.read()) !== null) return handle;
      const answer = await this.#prepare(folder, job, task.contract.delivers === "resolve");
      if (answer === null) await this.#startAgent(folder, job);
      else await this.#endWithoutAgent(folder, task.key, answer);
      return handle;
    });
  }

  poll(handle: JobHandle): Promise<JobStatus> {
    return this.#queue.run(handle.key, async () => {
      const folder = this.#folder(handle.key);
      try {
        return await this.#status(folder, handle.key);
      } catch (error) {
        if (!isMillraceError(error, "file_unusable")) throw error;
        // Only what works against the host changes its files: nothing that the job says is believed any more.
        await endJob(folder, await this.#identity(folder, handle.key));
        return {
          is: "ended",
          outcome: { is: "failed", code: error.code, message: error.message, detail: error.fix, observed: null, usage: null },
        };
      }
    });
  }

  async #status(folder: JobFolder, key: string): Promise<JobStatus> {
    const job = await folder.job.read();
    if (job === null) {
      await endJob(folder, await this.#identity(folder, key));
      return { is: "ended", outcome: { is: "lost", transient: false, message: `nothing is known of the job '${key}' here`, usage: null } };
    }
    const known = await folder.outcome.read();
    if (known !== null) return { is: "ended", outcome: known };
    if (!(await isOver(folder))) return this.#running(folder, job);
    await using claim = await claimFolder(folder.path);
    // Another process of this machine starts the job or records its end, or has just done so.
    if (claim === null || !(await isOver(folder))) return this.#running(folder, job);
    return { is: "ended", outcome: (await folder.outcome.read()) ?? (await this.#end(folder, job)) };
  }

  async #running(folder: JobFolder, job: JobFile): Promise<JobStatus> {
    this.#watch.follow(job, folder.path);
    await this.#doors.resume(folder, job);
    return { is: "running", progress: await folder.progress.readIfUsable() };
  }

  /** Records the end of a job whose folder is claimed, and whose supervisor has written its exit or is gone. */
  async #end(folder: JobFolder, job: JobFile): Promise<JobOutcome> {
    const state = await stateOf(folder);
    // Read after the state: the supervisor may have written it and left in between.
    const exit = await folder.exit.read();
    if (exit === null) await endJob(folder, { marker: job.marker, sandbox: job.sandbox.name, graceMs: job.limits.graceMs });
    const measured = await this.#measured(folder, job);
    if (exit === null) return this.#record(folder, lostJob(state, measured ?? (await usedUntilNow(folder, job))));
    return this.#record(folder, await this.#finish(folder, job, measured === null ? exit : { ...exit, usage: measured }));
  }

  stop(handle: JobHandle): Promise<TokenUsage | null> {
    return this.#queue.run(handle.key, async () => {
      const folder = this.#folder(handle.key);
      // A start of the same key may be in progress in another process. It writes the job and then reads the exit; this writes the
      // exit and then reads the job: the later of the two sees the other.
      if ((await folder.job.readIfUsable()) === null) await markCancelled(folder, await usedUntilNow(folder, null));
      const job = await folder.job.readIfUsable();
      await endJob(folder, await this.#identity(folder, handle.key));
      const measured = job === null ? null : await this.#measured(folder, job);
      const used = measured ?? (await usedUntilNow(folder, job));
      await markCancelled(folder, used);
      // Another process may be about to deliver what the agent had ended by then.
      if ((await folder.exit.readIfUsable())?.turn !== "cancelled") await untilUnclaimed(folder.path);
      return measured ?? (await folder.exit.readIfUsable())?.usage ?? used;
    });
  }

  forget(handle: JobHandle): Promise<void> {
    return this.#queue.run(handle.key, () => this.#removeWork(this.#folder(handle.key)));
  }

  async startOf(key: string): Promise<StartState> {
    const { path, job, outcome, exit, supervisor } = this.#folder(key);
    const isStarting = await isClaimed(path);
    for (const document of [outcome, exit, supervisor]) if ((await document.readIfUsable()) !== null) return "started";
    if (isStarting) return "starting";
    return (await job.readIfUsable()) === null ? "unknown" : "unstarted";
  }

  reset(handle: JobHandle): Promise<void> {
    return this.#queue.run(handle.key, async () => {
      const folder = this.#folder(handle.key);
      await this.#removeWork(folder);
      // The request goes last: a crash in between leaves a job that starts from scratch.
      const { outcome, exit, usage, progress, checkout, agent, door, supervisor, job } = folder;
      for (const document of [outcome, exit, usage, progress, checkout, agent, door, supervisor, job]) await document.remove();
    });
  }

  waitForEnd(key: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#watch.wait(key, timeoutMs, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    await this.#queue.idle();
    await this.#doors.detach();
  }

  #folder(key: string): JobFolder {
    return jobFolder(join(this.#options.jobsDir, jobHash(key)));
  }

  /** From the request of the job, else made again from its key: a stop needs no file. */
  async #identity(folder: JobFolder, key: string): Promise<JobIdentity> {
    const job = await folder.job.readIfUsable();
    const { graceMs } = job?.limits ?? { ...DEFAULT_LIMITS, ...this.#options.limits };
    return { marker: job?.marker ?? (await this.#marker(key)), sandbox: job?.sandbox.name ?? this.#options.sandbox, graceMs };
  }

  /** Two hosts of one machine may use the same key, and have folders of their own. */
  async #marker(key: string): Promise<string> {
    const { jobsDir } = this.#options;
    const parent = await realpath(dirname(jobsDir)).catch(() => dirname(jobsDir));
    return createHash("sha256")
      .update(JSON.stringify([join(parent, basename(jobsDir)), key]))
      .digest("hex");
  }

  async #accept(folder: JobFolder, task: AgentTask): Promise<JobFile> {
    const launch = this.#options.launchFor(task.kind);
    if (launch === null)
      throw new MillraceError("config_invalid", `no agent is set for the kind '${task.kind}'`, {
        fix: `choose an agent for '${task.kind}'`,
        details: { kind: task.kind },
      });
    const limits = { ...DEFAULT_LIMITS, ...this.#options.limits };
    const scope = this.#options.scopeOf?.(task) ?? null;
    const { sandbox, clock } = this.#options;
    const doors = this.#options.doorsOf?.(task) ?? [];
    const place = { sandbox, work: folder.work, doors, hasModels: this.#options.modelProxy.isOn, path: process.env["PATH"] ?? "" };
    const job = jobRequest(task, launch, { marker: await this.#marker(task.key), clock, limits, scope, place });
    await folder.create();
    if (await folder.job.create(job)) return job;
    return (await folder.job.read()) ?? job;
  }

  /** Makes the work folder. Returns the answer of a job that needs no agent, else null. */
  async #prepare(folder: JobFolder, job: JobFile, mergeBase: boolean): Promise<string | null> {
    if (job.repository === null || job.branch === null) {
      await makeJobFolder(folder.work);
      return null;
    }
    const checkout = await this.#options.worktrees.prepare({
      key: job.key,
      repository: job.repository,
      branch: job.branch,
      folder: folder.work,
      control: folder.quarantine,
      mergeBase,
    });
    await folder.checkout.write({ ...checkout, refs: { ...checkout.refs }, conflicts: [...checkout.conflicts] });
    if (checkout.pushed !== null) return `The work of this job was pushed before, as ${checkout.pushed}.`;
    if (mergeBase && checkout.conflicts.length === 0) return "The base merged into the branch without a conflict.";
    if (job.scope !== null) await mkdir(join(folder.work, job.scope), { recursive: true });
    return null;
  }

  /** The door is there before the agent, and goes with a start that failed. */
  async #startAgent(folder: JobFolder, job: JobFile): Promise<void> {
    const door = await this.#doors.open(folder, job);
    const secrets = { ...this.#options.launchFor(job.kind)?.secrets };
    try {
      await startSupervisor(folder, { marker: job.marker, input: { secrets, held: [...(this.#options.secrets ?? [])], door } }, () =>
        this.#watch.ended(job.key),
      );
    } catch (error) {
      await this.#doors.close(folder, job);
      throw error;
    }
  }

  /** What a job whose processes have ended used through its door; null when it had none. */
  async #measured(folder: JobFolder, job: JobFile): Promise<TokenUsage | null> {
    const spend = await this.#doors.close(folder, job);
    return spend === null ? null : { ...spend.usage, call: callOf(job) };
  }

  async #endWithoutAgent(folder: JobFolder, key: string, text: string): Promise<void> {
    await folder.exit.create({ turn: "completed", exit: null, text, usage: NOTHING_SPENT, model: null, failure: null });
    this.#watch.ended(key);
  }

  async #finish(folder: JobFolder, job: JobFile, exit: ExitFile): Promise<JobOutcome> {
    return finishJob({ mayDeliver: async () => true, ...this.#options }, job, await folder.checkout.read(), exit);
  }

  async #record(folder: JobFolder, outcome: JobOutcome): Promise<JobOutcome> {
    // Read back through JSON and the schema: this poll returns what every later one returns.
    await folder.outcome.create(structuredClone(outcome) as Parameters<JobFolder["outcome"]["create"]>[0]);
    const recorded = await folder.outcome.read();
    if (recorded === null) throw new MillraceError("internal", `the outcome in '${folder.path}' disappeared`);
    return recorded;
  }

  async #removeWork(folder: JobFolder): Promise<void> {
    const checkout = await folder.checkout.readIfUsable();
    if (checkout !== null) await this.#options.worktrees.remove(checkout);
    for (const path of [folder.work, folder.quarantine, folder.home, folder.tmp]) await removeTree(path);
  }
}

/** Marks a job as stopped. Where nothing can be written no start can happen either, and there is nothing to guard against. */
async function markCancelled(folder: JobFolder, used: TokenUsage | null): Promise<void> {
  try {
    await folder.create();
    await folder.exit.create(cancelled(used));
  } catch (error) {
    if (!isMillraceError(error, "folder_unwritable")) throw error;
  }
}

/** `unstarted`: there is no supervisor, because the host that began to start it has ended, or because its file is gone. */
async function stateOf(folder: JobFolder): Promise<"alive" | "gone" | "rebooted" | "unstarted"> {
  const supervisor = await folder.supervisor.read();
  return supervisor === null ? "unstarted" : processState(supervisor);
}

/** Whether the job has an exit, or no supervisor that could write one. */
async function isOver(folder: JobFolder): Promise<boolean> {
  const state = await stateOf(folder);
  return state !== "alive" || (await folder.exit.read()) !== null;
}

/** The outcome of a job without an exit. */
function lostJob(state: "alive" | "gone" | "rebooted" | "unstarted", usage: TokenUsage | null): JobOutcome {
  const message = {
    rebooted: "the machine was restarted while the agent worked",
    unstarted: "the job was never started: its host ended before",
    gone: "the job's supervisor was killed while the agent worked",
    alive: "the job's supervisor was killed while the agent worked",
  }[state];
  return { is: "lost", transient: state === "rebooted" || state === "unstarted", message, usage };
}

/**
 * What a job without an exit had used, as its supervisor last wrote it; nothing when there is no trace of an agent. `job`: null for one whose
 * request is gone, or was never written: an agent that worked for it used what is not known (null), which is not nothing.
 */
async function usedUntilNow(folder: JobFolder, job: JobFile | null): Promise<TokenUsage | null> {
  const written = await folder.usage.readIfUsable();
  if (written !== null) return written;
  const isStarted = (await folder.supervisor.readIfUsable()) !== null || (await folder.agent.readIfUsable()) !== null;
  if (!isStarted) return NOTHING_SPENT;
  return job === null ? null : { model: modelLabel(job.launch.name, null), tokens: null, costMicros: null, call: callOf(job) };
}
