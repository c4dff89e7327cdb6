/**
 * Coding agents as supervised processes of this machine.
 *
 * Owns the folders of jobs and what is in them. Does not own the processes: a supervisor per job does, and outlives this
 * host. Only the host reads git and the forge.
 *
 * 1. One key, one folder, one supervisor, one agent process, one outcome.
 * 2. Everything known about a job is in its folder; a new host goes on where the last one was killed.
 * 3. An outcome is written after the world was read, and never changes.
 * 4. A job that was stopped has no process left.
 * One host at a time may use a `jobsDir`.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  MillraceError,
  type AgentExecutor,
  type AgentTask,
  type Clock,
  type Forge,
  type JobHandle,
  type JobOutcome,
  type JobStatus,
  type Worktrees,
} from "@millrace/kernel";
import type { AgentLaunch } from "../launch/agent-launch.js";
import { finishJob } from "./finish-job.js";
import { jobFolder, jobHash, type JobFolder } from "./job-folder.js";
import type { ExitFile, JobFile } from "./job-files.schema.js";
import { endAgent, endJob, stateOf } from "./job-processes.js";
import { DEFAULT_LIMITS, jobRequest, type JobLimits } from "./job-request.js";
import { createJobWatch, type JobWatch } from "./job-watch.js";
import { KeyedQueue } from "./keyed-queue.js";
import { runInline } from "./run-inline.js";
import { startSupervisor } from "./start-supervisor.js";

export interface LocalExecutorOptions {
  /** Folder for the jobs, absolute; created when missing. */
  readonly jobsDir: string;
  readonly worktrees: Worktrees;
  forge(name: string): Forge;
  /** How the agent of a kind is started; null: no agent for this kind. */
  launchFor(kind: string): AgentLaunch | null;
  /** Folder inside the repository a task may change; default: all of it. */
  scopeOf?(task: AgentTask): string | null;
  /** Defaults: 60 min in all, 10 min of silence, 5 s between SIGTERM and SIGKILL. */
  readonly limits?: Partial<JobLimits>;
  readonly clock: Clock;
  /** Called when an agent that this host started or re-attached to has ended; the engine polls then instead of waiting. */
  onJobEnded?(job: EndedJob): void;
}

export interface EndedJob {
  readonly key: string;
  readonly workspaceId: string;
  readonly runId: string;
}

export type LocalExecutor = AgentExecutor & AsyncDisposable;

/**
 * An executor whose jobs are durable. Disposing it detaches: running jobs go on and are found again by the next host with
 * the same `jobsDir`.
 *
 * @throws MillraceError (from its methods) `config_invalid` for a kind without an agent, `agent_failed` when a job cannot be
 * started, `unavailable` when a process cannot be ended, and what the worktrees and the forge throw.
 */
export function createLocalExecutor(options: LocalExecutorOptions): LocalExecutor {
  const queue = new KeyedQueue();
  const watch = createJobWatch((key) => void jobs.tell(key));
  const jobs = new Jobs(options, watch);
  const executor: LocalExecutor = {
    resolveModel: async (kind) => labelOf(options.launchFor(kind)),
    // An agent with its user's own login spends that login's plan, not ours.
    isQuotaBased: async (kind) => options.launchFor(kind)?.home === "user",
    run: (task, signal) => runInline({ executor, watch, reset: (handle) => queue.run(handle.key, () => jobs.reset(handle)) }, task, signal),
    startJob: (task) => queue.run(task.key, () => jobs.start(task)),
    pollJob: (handle) => queue.run(handle.key, () => jobs.poll(handle)),
    stopJob: (handle) => queue.run(handle.key, () => jobs.stop(handle)),
    forget: (handle) => queue.run(handle.key, () => jobs.forget(handle)),
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await queue.idle();
    },
  };
  return executor;
}

const CANCELLED: ExitFile = { turn: "cancelled", exit: null, text: "", usage: null, model: null, failure: null };

class Jobs {
  readonly #options: LocalExecutorOptions;
  readonly #watch: JobWatch;

  constructor(options: LocalExecutorOptions, watch: JobWatch) {
    this.#options = options;
    this.#watch = watch;
  }

  async start(task: AgentTask): Promise<JobHandle> {
    const folder = this.#folder(task.key);
    const job = (await folder.job.read()) ?? (await this.#accept(folder, task));
    const handle: JobHandle = { key: task.key, ref: jobHash(task.key), model: `agent:${job.launch.name}` };
    if ((await folder.outcome.read()) !== null || (await folder.exit.read()) !== null) return handle;
    this.#watch.follow(task.key, folder.path);
    if ((await folder.supervisor.read()) !== null) return handle;
    const needless = await this.#prepare(folder, job, task.contract.delivers === "resolve");
    if (needless === null)
      await startSupervisor(folder, this.#options.launchFor(task.kind)?.secrets ?? {}, () => this.#watch.settled(task.key));
    else await this.#settleWithoutAgent(folder, task.key, needless);
    return handle;
  }

  async poll(handle: JobHandle): Promise<JobStatus> {
    const folder = this.#folder(handle.key);
    if ((await folder.job.read()) === null) return { is: "ended", outcome: unknownJob(handle) };
    const known = await folder.outcome.read();
    if (known !== null) return { is: "ended", outcome: known };
    const supervisor = await folder.supervisor.read();
    const state = supervisor === null ? "gone" : await stateOf(supervisor);
    // Read after the state: a supervisor that was alive a moment ago may have written it since.
    const exit = await folder.exit.read();
    if (exit !== null) return { is: "ended", outcome: await this.#settle(folder, () => this.#finish(folder, exit)) };
    if (state !== "alive") return { is: "ended", outcome: await this.#settle(folder, () => this.#lost(folder, handle, state)) };
    this.#watch.follow(handle.key, folder.path);
    return { is: "running", progress: await folder.progress.read() };
  }

  async stop(handle: JobHandle): Promise<void> {
    const folder = this.#folder(handle.key);
    if ((await folder.job.read()) === null) {
      // Its start may still be on its way, from this process or another. The start writes the job and then looks for an exit; this
      // writes the exit and then looks for the job: whoever comes second sees the other.
      await folder.create();
      await folder.exit.create(CANCELLED);
    }
    const job = await folder.job.read();
    if (job === null) return;
    await endJob(folder, job);
    await folder.exit.create(CANCELLED);
  }

  async forget(handle: JobHandle): Promise<void> {
    const folder = this.#folder(handle.key);
    const checkout = await folder.checkout.read();
    if (checkout !== null) await this.#options.worktrees.remove(checkout);
    for (const path of [folder.work, folder.home, folder.tmp]) await rm(path, { recursive: true, force: true });
  }

  /** A job whose request cannot be read any more is found settled by the next poll. */
  async tell(key: string): Promise<void> {
    const job = await this.#folder(key)
      .job.read()
      .catch(() => null);
    if (job !== null) this.#options.onJobEnded?.({ key, workspaceId: job.workspaceId, runId: job.runId });
  }

  async reset(handle: JobHandle): Promise<void> {
    await this.forget(handle);
    const folder = this.#folder(handle.key);
    // The request goes last: a crash in between leaves a job that starts from scratch.
    for (const document of [folder.outcome, folder.exit, folder.progress, folder.checkout, folder.agent, folder.supervisor, folder.job])
      await document.remove();
  }

  #folder(key: string): JobFolder {
    return jobFolder(join(this.#options.jobsDir, jobHash(key)));
  }

  async #accept(folder: JobFolder, task: AgentTask): Promise<JobFile> {
    const launch = this.#options.launchFor(task.kind);
    if (launch === null)
      throw new MillraceError("config_invalid", `no agent is set for the kind '${task.kind}'`, {
        fix: `choose an agent for '${task.kind}'`,
        details: { kind: task.kind },
      });
    const limits = { ...DEFAULT_LIMITS, ...this.#options.limits };
    const job = jobRequest(task, launch, { clock: this.#options.clock, limits, scope: this.#options.scopeOf?.(task) ?? null });
    await folder.create();
    if (await folder.job.create(job)) return job;
    return (await folder.job.read()) ?? job;
  }

  /** Makes the work folder. Not null: no agent is needed, and why. */
  async #prepare(folder: JobFolder, job: JobFile, mergeBase: boolean): Promise<string | null> {
    if (job.repository === null || job.branch === null) {
      await mkdir(folder.work, { recursive: true });
      return null;
    }
    const checkout = await this.#options.worktrees.prepare({
      key: job.key,
      repository: job.repository,
      branch: job.branch,
      folder: folder.work,
      mergeBase,
    });
    await folder.checkout.write({ ...checkout, refs: { ...checkout.refs }, conflicts: [...checkout.conflicts] });
    if (checkout.pushed !== null) return `The work of this job was pushed before, as ${checkout.pushed}.`;
    if (mergeBase && checkout.conflicts.length === 0) return "The base merged into the branch without a conflict.";
    if (job.scope !== null) await mkdir(join(folder.work, job.scope), { recursive: true });
    return null;
  }

  async #settleWithoutAgent(folder: JobFolder, key: string, text: string): Promise<void> {
    await folder.exit.create({ turn: "completed", exit: null, text, usage: null, model: null, failure: null });
    this.#watch.settled(key);
  }

  async #settle(folder: JobFolder, outcome: () => Promise<JobOutcome>): Promise<JobOutcome> {
    // Through JSON and the schema: what is returned now is what every later poll returns.
    await folder.outcome.create(structuredClone(await outcome()) as Parameters<JobFolder["outcome"]["create"]>[0]);
    const settled = await folder.outcome.read();
    if (settled === null) throw new MillraceError("internal", `the outcome in '${folder.path}' disappeared`);
    return settled;
  }

  async #finish(folder: JobFolder, exit: ExitFile): Promise<JobOutcome> {
    const job = await folder.job.read();
    if (job === null) throw new MillraceError("internal", `the request in '${folder.path}' disappeared`);
    return finishJob(this.#options, job, await folder.checkout.read(), exit);
  }

  async #lost(folder: JobFolder, handle: JobHandle, state: "gone" | "rebooted"): Promise<JobOutcome> {
    const job = await folder.job.read();
    if (job === null) return unknownJob(handle);
    await endAgent(folder, job);
    if (state === "rebooted") return { is: "lost", transient: true, message: "the machine was restarted while the agent worked" };
    return { is: "lost", transient: false, message: "the job's supervisor was killed while the agent worked" };
  }
}

function unknownJob(handle: JobHandle): JobOutcome {
  return { is: "lost", transient: false, message: `nothing is known of the job '${handle.key}' here` };
}

function labelOf(launch: AgentLaunch | null): string | null {
  return launch === null ? null : `agent:${launch.name}`;
}
