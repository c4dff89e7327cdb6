/**
 * Watches a run until it rests: reads only, so it may stand beside any driver, in this process or another.
 * 1. Every event is told once, in order.
 * 2. Subtasks come from the job's folder, never from a poll: a poll settles jobs, and that is the driver's.
 * 3. It ends when the run waits for a person, is finished, or the signal aborts.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Run, RunView, TimelineEntry } from "@millrace/contracts";
import type { JobReader } from "@millrace/executors";
import type { JobProgress } from "@millrace/kernel";
import { describeEvent, isAtRest, isLive, jobKeyOf, type RunAddress } from "@millrace/orchestration";
import type { Host } from "@millrace/runtime-host";
import { eventsOf, readRun } from "../board/read-run.js";

export interface Follower {
  event(entry: TimelineEntry, run: Run): void;
  progress(progress: JobProgress, run: Run): void;
  /** Called at every look, for what is redrawn. */
  redraw(now: RunSnapshot): Promise<void>;
  /** Nothing moved for a while although something is due: no driver seems to be at work. Told once. */
  stalled(run: Run): void;
}

export interface RunSnapshot {
  readonly run: Run;
  readonly progress: JobProgress | null;
  readonly now: number;
  /** Reads the run's view; only drawing needs it. */
  view(): Promise<RunView>;
}

export interface FollowOptions {
  readonly runtime: Host;
  readonly jobs: JobReader;
  readonly address: RunAddress;
  /** Events already told. */
  readonly seen: number;
  readonly signal: AbortSignal;
  readonly follower: Follower;
}

const POLL_MS = 200;
/** A driver takes up what is due within a quarter of a second; its lease outlives a look at the queue. */
const STALLED_MS = 5_000;

/** Resolves with the run as it rests, or as it was when the signal aborted. */
export async function followRun(options: FollowOptions): Promise<Run> {
  const { runtime, address, follower } = options;
  // The time that the board tells: another process may have written what is compared with it.
  const { clock } = runtime;
  const told = { events: options.seen, progress: "", moved: clock.now(), stalled: false };
  for (;;) {
    const run = await runtime.execution.get(address);
    if (run.revision > told.events) {
      const events = await eventsOf(runtime.store, address, told.events);
      for (const event of events) follower.event({ ...event, line: describeEvent(event, run.steps, runtime.stepKinds) }, run);
      told.events += events.length;
      told.moved = clock.now();
    }
    const progress = await progressOf(options, run);
    const text = JSON.stringify(progress);
    if (progress !== null && text !== told.progress) {
      told.progress = text;
      told.moved = clock.now();
      follower.progress(progress, run);
    }
    await follower.redraw({ run, progress, now: clock.now(), view: async () => (await readRun(runtime, address, clock.now())).view });
    if (isAtRest(run, clock.now()) || options.signal.aborted) return run;
    if (!told.stalled && (await isStalled(options, told.moved))) {
      told.stalled = true;
      follower.stalled(run);
    }
    await delay(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function progressOf({ jobs }: FollowOptions, run: Run): Promise<JobProgress | null> {
  const key = isLive(run) ? jobKeyOf(run) : null;
  return key === null ? null : jobs.progress(key);
}

async function isStalled({ runtime }: FollowOptions, moved: number): Promise<boolean> {
  const { clock } = runtime;
  if (clock.now() - moved < STALLED_MS) return false;
  return hasNoDriver(await runtime.wakeups.nextDueAt(), clock.now());
}

/** A wake-up that is due and leased by nobody stays so only where no driver runs. */
export function hasNoDriver(nextDueAt: number | null, now: number): boolean {
  return nextDueAt !== null && now - nextDueAt > 1_500;
}
