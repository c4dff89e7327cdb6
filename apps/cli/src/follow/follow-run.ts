/**
 * Watches a run until it rests. It only reads, so it may run beside any driver, in this process or another.
 * 1. Every event is reported once, in order.
 * 2. Subtasks come from the job's folder, never from `pollJob`: a poll may end a job, which is the driver's task.
 * 3. It ends when the run waits for a person, is finished, or the signal aborts.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Run, RunView, TimelineEntry } from "@millrace/contracts";
import type { JobReader } from "@millrace/executors";
import type { JobProgress } from "@millrace/kernel";
import { describeEvent, isAtRest, isLive, jobKeyOf, type RunAddress } from "@millrace/orchestration";
import type { Host } from "@millrace/runtime-host";

/** Receiver of what happens to a followed run. */
export interface Follower {
  event(entry: TimelineEntry, run: Run): void;
  progress(progress: JobProgress, run: Run): void;
  /** Called at every poll, for a display that is redrawn. */
  redraw(now: RunSnapshot): Promise<void>;
  /** Nothing has moved for 5 s although the run is due: no driver seems to be at work. Called once. */
  stalled(run: Run): void;
}

/** The state of a followed run at one poll. */
export interface RunSnapshot {
  readonly run: Run;
  readonly progress: JobProgress | null;
  readonly now: number;
  /** Reads the view of the run, which only a drawing needs. */
  view(): Promise<RunView>;
}

export interface FollowOptions {
  readonly runtime: Host;
  readonly jobs: JobReader;
  readonly address: RunAddress;
  /** Number of events that were reported before. */
  readonly seen: number;
  readonly signal: AbortSignal;
  readonly follower: Follower;
}

const POLL_MS = 200;
/** Time without progress after which a run counts as stalled. A driver takes up due runs within a quarter of a second. */
const STALLED_MS = 5_000;

/** Resolves with the run as it rests, or as it was when the signal aborted. */
export async function followRun(options: FollowOptions): Promise<Run> {
  const { runtime, address, follower } = options;
  // Clock of the database: the times it is compared with may come from another process.
  const { clock } = runtime;
  const reported = { events: options.seen, progress: "", moved: clock.now(), stalled: false };
  for (;;) {
    const run = await runtime.execution.get(address);
    if (run.revision > reported.events) {
      const events = await runtime.runs.events(address, reported.events);
      for (const event of events) follower.event({ ...event, line: describeEvent(event, run.steps, runtime.stepKinds) }, run);
      reported.events += events.length;
      reported.moved = clock.now();
    }
    const progress = await progressOf(options, run);
    const text = JSON.stringify(progress);
    if (progress !== null && text !== reported.progress) {
      reported.progress = text;
      reported.moved = clock.now();
      follower.progress(progress, run);
    }
    await follower.redraw({ run, progress, now: clock.now(), view: async () => (await runtime.runs.view(address)).view });
    if (isAtRest(run, clock.now()) || options.signal.aborted) return run;
    if (!reported.stalled && (await isStalled(options, reported.moved))) {
      reported.stalled = true;
      follower.stalled(run);
    }
    await delay(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function progressOf({ jobs }: FollowOptions, run: Run): Promise<JobProgress | null> {
  const key = isLive(run) ? jobKeyOf(run) : null;
  return key === null ? null : jobs.progress(key);
}

async function isStalled({ runtime, address }: FollowOptions, moved: number): Promise<boolean> {
  const { clock } = runtime;
  if (clock.now() - moved < STALLED_MS) return false;
  return hasNoDriver(await runtime.wakeups.nextDueAt([address]), clock.now());
}

/** A wake-up that has been due for 1.5 s without a lease: no driver is running. Times in epoch ms. */
export function hasNoDriver(nextDueAt: number | null, now: number): boolean {
  return nextDueAt !== null && now - nextDueAt > 1_500;
}
